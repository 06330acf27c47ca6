#!/bin/bash
# SPDX-License-Identifier: MIT
# Two central servers with the configuration of contrib/fleet: one is killed and
# comes back; the other has everything, in RRD and whisper files of the shapes that
# README there promises, and what came back goes on with the same counts.
set -eu
# shellcheck source=tests/fleet/lib.sh
. "$(dirname "$0")/lib.sh"
need rrdcached rrdcached
need carbon-cache graphite-carbon
need_python whisper graphite-carbon
enter_scratch
interval=1

mkdir -p a/db a/journal
start_rrdcached a
cp "$shipped"/central/storage-*.conf .
start_carbon

start_central a 127.0.0.1 network.conf rrd.conf graphite.conf
start_central b 127.0.0.2 network.conf
b=$central
names=(web001 web002 web003)
for i in 1 2 3; do
  start_host "${names[i - 1]}" $i
done
wait_for 'all hosts' all_up

# reads_at DIR: of the first host.
reads_at() {
  grep -c '^[0-9]' "$1"/web001/pagefault-other/ps_pagefaults-* || :
}
# more_reads DIR COUNT
has_more() {
  [ "$(reads_at "$1")" -ge "$2" ]
}
more_reads() {
  wait_for "reads in $1" has_more "$1" $(($(reads_at "$1") + $2))
}

more_reads b/csv 3
kill -9 "$b"
wait "$b" || :
down_from=$EPOCHREALTIME
more_reads sent 5
start_central b 127.0.0.2 network.conf
down_to=$EPOCHREALTIME
more_reads b/csv 5
stop_hosts
# settled CENTRAL: it has the last value of each series.
settled() {
  cmp -s <(tail -qn 1 sent/web00?/*/*) <(tail -qn 1 "$1"/csv/web00?/*/*)
}
wait_for 'all at a' settled a
wait_for 'all at b' settled b

"$python" "$fleet_dir/compare_csv.py" sent a/csv "${names[@]}" >compared || {
  sed -n 2,20p compared
  fail "the central that lived lacks values"
}
say "a, alone for a while: all of $(cut -d' ' -f2 compared) values"

# What b lacks is of when it was down, or was on its way when it was killed: an
# agent's values wait for those of the next read until they fill a packet.
! "$python" "$fleet_dir/compare_csv.py" sent b/csv "${names[@]}" >compared ||
  fail 'b has been down and lacks nothing'
sed 1d compared | awk -v from="$down_from" -v to="$down_to" -v slack=$((3 * interval)) '
  { split($NF, value, ","); count++ }
  $1 != "lost" || value[1] < from - slack || value[1] > to { print; bad = 1 }
  END { print count " lost" >"/dev/stderr"; exit bad }' 2>lost >>lost ||
  fail "b lacks other values: $(head lost)"
say "b, killed and started: $(cat lost), all while it was down"
for series in pagefault-other/ps_pagefaults slab-dentry/operations-alloc; do
  for where in sent a/csv b/csv; do
    tail -qn 1 "$where"/web00?/$series-*
  done | sort | uniq -c | awk '$1 != 3' >differ
  [ ! -s differ ] || fail "$series: another last count"
done
say 'and goes on with the same counts'
grep -h 'network' hosts/*/log | grep -v 'loaded' && fail 'the hosts took notice'

# What is in rrdcached's memory and journal survives it.
kill -9 "$rrdcached"
wait "$rrdcached" || :
start_rrdcached a
last_sent=$(tail -qn 1 sent/web001/pagefault-other/ps_pagefaults-* | cut -d. -f1)
last_in_rrd() {
  rrdtool last --daemon "unix:$scratch/a/rrdcached.sock" \
    "$scratch/a/db/web001/pagefault-other/ps_pagefaults.rrd"
}
[ "$(last_in_rrd)" -ge $((last_sent - 1)) ] ||
  fail "RRD: $(last_in_rrd), not $last_sent"
say "rrdcached, killed: RRD files have all until the last read"

# Every archive as long and as coarse as documented; averages of what there is.
# A metric is a value.
metrics=$((3 * values_max))
has_metrics() {
  find whisper/collectd/web00? -name '*.wsp' >files
  [ "$(wc -l <files)" -ge $metrics ]
}
wait_for "$metrics whisper files" has_metrics
# shellcheck disable=SC2046 # names without blanks
shapes=$("$python" "$fleet_dir/whisper_shapes.py" $(cat files))
[ "$shapes" = \
  "$metrics average 0 10:86400 60:604800 600:7776000 3600:63072000" ] ||
  fail "whisper: $shapes"
say "whisper: $metrics files of $(wc -c <"$(head -n 1 files)") bytes"
