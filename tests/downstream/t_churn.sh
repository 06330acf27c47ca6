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
"$build/tests/churn" $max_series 10 73 >hours
names_by() {
  awk -v hour="$1" '$1 == hour { print $2 }' hours
}
say "simulated: $(names_by 1) names in an hour," \
  "$(names_by 24) $(names_by 48) $(names_by 72) by the end of each day"
[ "$(names_by 1)" -le $((at_once + at_once / 24 + 1)) ] || fail 'hour'
for day in 1 2 3; do
  [ "$(names_by $((24 * day)))" -le $((at_once + day * at_once)) ] ||
    fail "day $day"
done
[ "$(names_by 72)" -gt $((3 * at_once)) ] || fail 'no churn in the simulation'
