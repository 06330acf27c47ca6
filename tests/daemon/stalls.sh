# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For tests of the time stalled: to be sourced after lib.sh.

# shellcheck disable=SC2154 # what lib.sh sets

waits=$build/tests/workload/waits
# The command that runs it.
run_in='env'

# Print the milliseconds that the file has stalled threads, by its series.
stalled_ms() {
  last_of 1 "pagefault-$(label "$1")/total_time_in_ms-stalled"
}

stalls() {
  last_of 1 "bpfmem-pagefault/derive-stalls_$1"
}

# Print the stalls of all buckets.
all_stalls() {
  local bucket sum=0
  for bucket in below_{64us,256us,1ms,4ms,16ms,66ms,262ms} above_262ms; do
    sum=$((sum + $(stalls "$bucket")))
  done
  echo $sum
}

# Some hook tells when a wait starts, on each kernel that is tested.
need_starts() {
  wait_for 'the statistics of stalls' has_reads bpfmem-pagefault/derive-stalls_unstarted 1
}

# check_stalls THREADS WAITS: the file's series have those waits, but for those that the
# hook has missed where it may be preempted; and $LEAST per cent of the time that the
# threads measured themselves, less $WAYS times what as many faults took that did not
# wait: the hooks do not see the way into a fault and back.
check_stalls() {
  local file=$scratch/waits-$1 major us way_us series_major ms lost enough
  read -r major us way_us < <($run_in "$waits" "$file" "$2" "$1")
  await_faults
  read -r _ series_major < <(latest_faults "pagefault-$(label "$file")/ps_pagefaults")
  ms=$(stalled_ms "$file")
  lost=$(missed)
  enough=$(((us - WAYS * way_us) * LEAST * series_major / major / 100000 - 1))
  say "hook $hook, $1 threads: waited $major times, series $series_major; by their" \
    "clocks $us us, $way_us of it on the way, series $ms ms: $((ms * 100000 / us)) %"
  [ "$major" -ge $(($2 * 99 / 100)) ] || fail "only $major of $2 were to wait"
  if [ "$series_major" -gt "$major" ] || [ $((major - series_major)) -gt "$lost" ]; then
    fail "major faults are not equal, $lost missed"
  fi
  [ "$ms" -ge $enough ] || fail "less than $enough ms"
  [ "$ms" -le $((us * 101 / 100000)) ] || fail 'more than all of the time'
}

# Each major fault of a file has a start. Where a task may be preempted in the program at
# the start, 2 of 517 had none in an emulated guest.
check_unstarted() {
  local unstarted majors most=0
  unstarted=$(stalls unstarted)
  majors=$(all_stalls)
  say "stalls $majors, without a start $unstarted, without an end $(stalls unended)"
  ! may_preempt || most=$((majors / 100))
  [ "$unstarted" -le $most ] || fail "$unstarted without a start"
}
