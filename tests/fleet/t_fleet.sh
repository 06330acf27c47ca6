#!/bin/bash
# SPDX-License-Identifier: MIT
# Many hosts with all that a default configuration publishes at most, and this
# machine, into one central collectd: every value arrives, nothing is dropped.
# Arguments: hosts (50); seconds (15); seconds between reads (1).
set -eu
# shellcheck source=tests/fleet/lib.sh
. "$(dirname "$0")/lib.sh"
enter_scratch
hosts_count=${1:-50}
seconds=${2:-15}
interval=${3:-1}

start_central central 127.0.0.1 network.conf
names=(web000)
start_host web000 0 "$plugin" a
for ((i = 1; i <= hosts_count; i++)); do
  names+=("$(printf 'web%03d' $i)")
  start_host "${names[i]}" $i "$simulated" a
done
wait_for 'all hosts' all_up

taken() {
  network_stat central total_values-dispatch-accepted
}
used=$(cpu_ns "$central") at=${EPOCHREALTIME/[.,]/} before=$(taken)
sleep "$seconds" # what is measured is a time
at=$((${EPOCHREALTIME/[.,]/} - at)) used=$(($(cpu_ns "$central") - used))
say "$((($(taken) - before) * 1000000 / at)) values/s take the central" \
  "$((used / at)) per mille of a processor and $(rss_kb "$central") kB"
stop_hosts

# All that is in the central's buffers has been read when its own figures,
# which it writes last, say the same three times since.
stopped=$EPOCHREALTIME
settled() {
  cat central/csv/central/network/total_values-dispatch-accepted-20* | tail -n 3 |
    awk -F, -v stopped="$stopped" '
      $1 > stopped { count++; sum += $2; last = $2 }
      END { exit count < 3 || sum != 3 * last }'
}
wait_for 'an end of what arrives' settled
kill "$central"
wait "$central" || fail "the central ended with status $?"

for error in RcvbufErrors InErrors NoPorts SndbufErrors; do
  [ "$(udp $error)" -eq 0 ] || fail "$error: $(udp $error) packets"
done
dropped=$(cut -d, -f2 central/csv/central/protocols-Udp/*RcvbufErrors-* | tail -n 1)
[ "$dropped" = 0 ] || fail "the central's own count of packets dropped: $dropped"
"$python" "$fleet_dir/compare_csv.py" sent central/csv "${names[@]}" >compared || {
  sed -n 2,20p compared
  fail "$(($(wc -l <compared) - 1)) values differ"
}
read -r series values <compared
packets=$(network_stat central if_packets)
accepted=$(taken)
say "$((hosts_count + 1)) hosts, $series series: $values values in $packets packets" \
  "sent and received; dropped: 0"
[ "$(udp OutDatagrams)" -eq "$packets" ] ||
  fail "$(udp OutDatagrams) packets were sent"
[ "$(udp InDatagrams)" -eq "$packets" ] || fail "$packets packets of $(udp InDatagrams)"
[ "$accepted" -eq "$values" ] || fail "the central says it took $accepted values"
[ "$(network_stat central total_values-dispatch-rejected)" -eq 0 ] || fail 'rejected'

# Each has all series that README allows, this machine at most so many at a time.
for name in "${names[@]:1}"; do
  count=$(find "sent/$name" -type f | wc -l)
  [ "$count" -eq "$series_max" ] || fail "$name has $count series, not $series_max"
done
# in_a_read PLUGIN TYPE: how many of its series are in one read, at most. Every read has
# the one of "other" that counts; a late one may have the millisecond of the next. The last may lack it:
# a collectd that ends drops what its write queue holds (5.12, plugin.c).
in_a_read() {
  awk -F, '$1 + 0 && FILENAME ~ /-other\/(ps_pagefaults|operations-alloc)/ {
      reads[$1]++; any = 1 }
    $1 + 0 && index(FILENAME, type) { lines[$1]++ }
    END { for (at in reads) if (lines[at] > most * reads[at])
        most = lines[at] / reads[at]
      print any ? most + 0 : "no reads" }' type="/$2" sent/web000/"$1"-*/*
}
[ "$(in_a_read pagefault ps_pagefaults)" -le 28 ] || fail 'more than 28 of page faults'
[ "$(in_a_read pagefault total_time_in_ms)" -le 21 ] || fail 'more than 21 files that stall'
[ "$(in_a_read slab operations-alloc)" -le 11 ] || fail 'more than 11 caches'
for dir in sent/web000/slab-*/; do
  count=$(find "$dir" -type f | wc -l)
  case $dir in */slab-other/) most=2 ;; *) most=4 ;; esac
  [ "$count" -le $most ] || fail "$count series of $dir"
done
for file in README.md contrib/fleet/README.md; do
  grep -qF "at most $series_max series" "$fleet_dir/../../$file" ||
    fail "$file has another number of series than $series_max"
done
say "at most $series_max series by default, as counted and as written"

# Those that are no file's and no cache's are this machine's, too; the hook event alone
# has two less, and what is in no file's series may never have waited.
own() {
  (cd "sent/$1" && find . -type f) | sed 's/-20..-..-..$//' | sort |
    grep -E '/(bpfmem-.*|pagefault-(anon|heap|hugetlb|other|shmem|special|stack|unattributed))/'
}
own web000 >real
own web001 >simulated
diff real simulated | grep '^[<>]' |
  grep -vxE -e '> ./bpfmem-pagefault/derive-faults_(failed|retried)' \
    -e '> ./pagefault-other/total_time_in_ms-stalled' &&
  fail 'the simulated hosts have other series than this machine'
say 'the simulated hosts have the series of a real one'
