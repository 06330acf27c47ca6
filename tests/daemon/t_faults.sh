#!/bin/bash
# SPDX-License-Identifier: MIT
# A file's series is what getrusage() says of the faults on it, for each way to
# fault. BPFMEM_HOOKS forces a hook; only then must that hook exist.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
enter_scratch

unattributed=pagefault-unattributed/ps_pagefaults

start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    SampleAbove 0
    File "/^$scratch//"
    MaxSeries 100
  </PageFaults>
END
need_hook

# What raises no event is not on its file by the hook event alone.
is_silent() {
  is_event_alone && [[ $1 = gup* ]]
}

# check NAME MINFLT MAJFLT: compare with the series of the workload's file; adds
# what it lacks to $lacking.
check() {
  local name=$1 series minor major
  series=pagefault-$(label "$scratch/$name")/ps_pagefaults
  read -r minor major < <(last "$series") || minor=0 major=0
  say "$name: getrusage $2 $3, series $minor $major"
  [ "$minor" -le "$2" ] && [ "$major" -le "$3" ] ||
    fail "$name: more than getrusage says (hook $hook)"
  ! is_silent "$name" || [ $((minor + major)) -eq 0 ] ||
    fail "$name: counted, so the manual is wrong (hook $hook)"
  lacking=$((lacking + $2 + $3 - minor - major))
}

# run CONDITION...: all workloads on files that meet it; what their files lack is in
# $lacking.
run() {
  local name where printed=() line
  while read -r name where _; do
    [ "$where" = FILE ] && "$@" "$name" || continue
    printed+=("$("$faults" "$name" "$scratch/$name")") || fail "$name failed"
  done < <("$faults" list)
  await_faults
  lacking=0
  for line in ${printed[@]+"${printed[@]}"}; do
    # shellcheck disable=SC2086 # three words
    check $line
  done
  ran=$((ran + ${#printed[@]}))
}

is_seen() {
  ! is_silent "$1"
}

ran=0
run is_seen
lost=$(missed)
[ $lacking -le "$lost" ] || fail "$lacking are not on their files, $lost missed"
# Others add to what is unattributed, so it is at least what the files lack.
before=$(last_of 1 $unattributed)
run is_silent
grown=$(($(last_of 1 $unattributed) - before))
[ $lacking -le $grown ] || ! counts_faults ||
  fail "$lacking are not on their files, $grown unattributed"
[ $ran -ge 29 ] || fail "only $ran workloads"
check_monotone
stop
