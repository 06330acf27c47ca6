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
    File "/^$scratch//"
    MaxSeries 100
  </PageFaults>
END
need_hook

# How exactly the hook tells the faults of a workload apart by file. What raises
# no tracepoint of its file is the tracepoint hook's limit: faults on a page that
# is there already (copied on write, written again after writeback, or come first
# by another thread) call no mm_filemap function, and are unattributed. So are
# those for which BPF skips the tracepoint's program, as another process was
# preempted in it: since 7.x tracepoints do not disable preemption. A file has no
# name before a process that maps it faults on it.
exactness() {
  case $hook:$1 in
  tracepoint:gup_other) echo none ;;
  tracepoint:cow_after_read | tracepoint:write_notify | tracepoint:*_race | \
    tracepoint:*_storm | tracepoint:forked_children)
    echo part
    ;;
  *) echo all ;;
  esac
}

# fexit loses events on lazily preemptible kernels (6.13), where a task may be
# preempted in the program and others are skipped meanwhile; the tracepoint hook
# on a busy machine. A file may lack what is forgiven there; nowhere else.
may_miss() {
  case $hook in
  fexit) grep -qw resched_curr_lazy /proc/kallsyms ;;
  *) [ "$hook" = tracepoint ] ;;
  esac
}

# check NAME MINFLT MAJFLT: compare with the series of the workload's file; adds
# what it lacks to $lacking.
check() {
  local name=$1 series minor major lack
  series=pagefault-$(label "$scratch/$name")/ps_pagefaults
  minor=$(last_of 1 "$series") major=$(last_of 2 "$series")
  lack=$(($2 + $3 - minor - major))
  say "$name: getrusage $2 $3, series $minor $major$(
    [ $lack -eq 0 ] || echo ", lacks $lack")"
  [ "$minor" -le "$2" ] && [ "$major" -le "$3" ] ||
    fail "$name: more than getrusage says (hook $hook)"
  case $(exactness "$name") in
  none)
    [ $((minor + major)) -eq 0 ] ||
      fail "$name: counted, so the table of hooks is wrong (hook $hook)"
    return
    ;;
  part) [ "$minor" -gt 0 ] || fail "$name: nothing on the file (hook $hook)" ;;
  esac
  lacking=$((lacking + lack))
}

# run EXACTNESS: all workloads of that kind; what their files lack is in $lacking.
run() {
  local name where printed=() line
  while read -r name where _; do
    [ "$where" = FILE ] && [ "$(exactness "$name")" = "$1" ] || continue
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

ran=0
run all
[ $lacking -le "$(forgiven)" ] || fail "$lacking are lost (hook $hook)"
run none
# Others add to what is unattributed, so it is at least what the files lack.
before=$(last_of 1 $unattributed)
run part
lacking=$((lacking - $(last_of 1 $unattributed) + before))
[ $lacking -le "$(forgiven)" ] || fail "$lacking are lost (hook $hook)"
[ $ran -ge 27 ] || fail "only $ran workloads"
[ "$(forgiven)" -eq 0 ] || may_miss ||
  fail "missed, or without their file: $(forgiven)"
check_monotone
stop
