#!/bin/bash
# SPDX-License-Identifier: MIT
# A file that programs wait for has its series beside many that are busier: its major
# faults are few among their faults. BPFMEM_HOOKS forces a hook.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
enter_scratch
many=$build/tests/workload/many
series=pagefault-$(label "$scratch/slow")/ps_pagefaults

start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    SampleAbove 0
    File "/^$scratch//"
    MaxSeries 4
  </PageFaults>
END
need_hook

# 12 files, each with more faults than the slow one will ever have.
mkdir busy
(cd busy && while :; do "$many" 12 3001; done) >/dev/null &
busy=$!
all_places() {
  [ "$(entities pagefault | grep -c '~busy~')" -ge 4 ]
}
wait_for 'four series of busy files' all_places

# Until it has its place: those of others have just been given, at first.
waits() {
  read -r _ minor major < <("$faults" major_random "$scratch/slow")
  await_faults
}
for ((tries = 1; tries <= 4; tries++)); do
  waits
  [ -z "$(last "$series")" ] || break
done
[ $tries -le 4 ] || fail 'no series of the file that waits'

before=$(last_of 2 "$series")
waits
kill $busy
counted=$(($(last_of 2 "$series") - before))
say "a place at the try $tries; then getrusage $minor $major, series $counted major"
[ "$major" -ge 500 ] || fail 'it does not wait'
[ $counted -le "$major" ] && [ $((major - counted)) -le "$(missed)" ] ||
  fail 'not all of its major faults'
[ "$(entities pagefault | grep -c '~busy~')" -ge 4 ] || fail 'no others'
stop
