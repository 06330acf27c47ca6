#!/bin/bash
# SPDX-License-Identifier: MIT
# With other busiest files in every read, for the reads of an hour: csv and
# whisper get as many names as README says, and no more.
# Argument: how many reads (360, an hour at the default Interval).
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
need carbon-cache graphite-carbon
need_python whisper graphite-carbon
enter_scratch

interval=0.05
reads=${1:-360}
max_series=20 # the default
at_once=$((4 * max_series))

# shellcheck disable=SC2034 # of write_config
writers="LoadPlugin write_graphite
<Plugin write_graphite>
  <Node all>
    Host \"127.0.0.1\"
    Port 2003
    SeparateInstances true
  </Node>
</Plugin>"
start_carbon

mkdir files
start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    File "/^$scratch/files//"
  </PageFaults>
END
began=$SECONDS
await_faults
caused=$("$python" "$here/churn_files.py" "$scratch/files" \
  "csv/$host/pagefault-other/ps_pagefaults" "$reads" $((max_series + 1)))
await_faults
stop
took=$((SECONDS - began))

in_csv=$(entities pagefault | grep -c '~files~')
in_whisper() {
  find whisper -path '*/pagefault/*~files~*' -name minflt.wsp | wc -l
}
has_arrived() {
  [ "$(in_whisper)" -ge "$in_csv" ]
}
wait_for "$in_csv names in whisper" has_arrived
refused=$(last_of 1 bpfmem-pagefault/derive-names_refused)
say "$reads reads in $took s, $((reads * (max_series + 1))) files, $caused faults:" \
  "$in_csv names in csv, $(in_whisper) in whisper, $refused times refused"
# One name comes back to the budget all 18 minutes.
[ "$in_csv" -le $((at_once + took * at_once / 86400 + 1)) ] || fail 'too many names'
[ "$in_csv" -gt $((2 * max_series)) ] || fail 'no churn'
[ "$(in_whisper)" -eq "$in_csv" ] || fail 'other names in whisper'
[ "$refused" -gt 0 ] || fail 'nothing refused'

# The same for days, by the core itself: an hour's share more in the first hour,
# then a day's in each day.
"$build/tests/churn" $max_series 10 73 new >hours
# by HOUR COLUMN [FILE]: names, starts of series, and both of a naive ranking.
by() {
  awk -v hour="$1" -v column="$2" '$1 == hour { print $(column + 1) }' "${3:-hours}"
}
say "simulated: $(by 1 1) names in an hour," \
  "$(by 24 1) $(by 48 1) $(by 72 1) by the end of each day; $(by 1 3) $(by 72 3)" \
  "without a memory"
[ "$(by 1 1)" -le $((at_once + at_once / 24 + 1)) ] || fail 'hour'
for day in 1 2 3; do
  [ "$(by $((24 * day)) 1)" -le $((at_once + day * at_once)) ] ||
    fail "day $day"
done
[ "$(by 72 1)" -gt $((3 * at_once)) ] || fail 'no churn in the simulation'
[ "$(by 1 3)" -eq $((360 * max_series)) ] || fail 'not all are new'

# Where the same files have their ups and downs the budget is not spent: it is
# stickiness that keeps series whole.
"$build/tests/churn" $max_series 10 73 bursts >ups_and_downs
say "ups and downs: $(by 1 1 ups_and_downs) names and $(by 1 2 ups_and_downs) series" \
  "begun in an hour; $(by 1 3 ups_and_downs) and $(by 1 4 ups_and_downs) without a memory"
[ "$(by 1 1 ups_and_downs)" -lt $at_once ] || fail 'the budget is spent'
[ $((3 * $(by 1 2 ups_and_downs))) -lt "$(by 1 4 ups_and_downs)" ] || fail 'not sticky'
