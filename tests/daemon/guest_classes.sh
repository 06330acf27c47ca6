#!/bin/bash
# SPDX-License-Identifier: MIT
# The series of memory that is no file (anon, heap, stack, shmem, hugetlb,
# special) holds what getrusage() says of faults on it. Other processes fault on
# such memory, too, so it never holds less, and exactly that in one quiet moment
# of a few.
# For a guest of ours, which offers what all workloads need and where nothing
# else runs.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/quiet.sh
. "$(dirname "$0")/quiet.sh"
need_daemon
enter_scratch

rounds=5
# Between accesses and the next: two reads, and a busy machine.
rest_ms=750

# Whether the machine offers $1.
offers() {
  case $1 in
  '') ;;
  swap) [ "$(wc -l </proc/swaps)" -gt 1 ] && [ -w /sys/fs/cgroup/cgroup.procs ] ;;
  hugetlb) [ "$(awk '$1 == "HugePages_Free:" { print $2 }' \
    /proc/meminfo)" -ge 17 ] ;;
  thp) grep -qsv '\[never\]' /sys/kernel/mm/transparent_hugepage/enabled ;;
  *) fail "a workload needs $1" ;;
  esac
}

# Set names to the workloads that are possible here.
choose_workloads() {
  local name where need
  names=()
  while read -r name where need; do
    [ "$where" != FILE ] || continue
    if offers "$need"; then
      names+=("$name")
    else
      fail "$name: this guest offers no $need"
    fi
  done < <("$faults" list)
  [ ${#names[@]} -ge 13 ] || fail "only ${#names[@]} workloads"
}

# check NAME CLASS MINFLT MAJFLT FROM TO: 0 when equal; fails if less in the last round.
check() {
  local name=$1 pattern=pagefault-$2 minor major lack missed
  ! is_event_alone || [ "$name" != anon_mlock ] || pattern=pagefault-unattributed
  read -r minor major < <(history "$pattern" ps_pagefaults | growth "$5" "$6")
  read -r missed _ < <(history bpfmem-pagefault derive-events_missed |
    growth "$5" "$6")
  say "$name: getrusage $3 $4, class $2 $minor $major$(
    [ "$missed" -eq 0 ] || echo ", missed $missed")"
  lack=$(($3 + $4 - minor - major))
  # A read that is held up between its time and its counts has more than its time says.
  [ $lack -le "$missed" ] || [ "$round" -lt "$rounds" ] ||
    fail "$name: $lack are lost (hook $hook)"
  [ "$minor" -eq "$3" ] && [ "$major" -eq "$4" ]
}

start_faults 0
choose_workloads
for ((round = 1; round <= rounds && ${#names[@]} > 0; round++)); do
  "$faults" -p $rest_ms "${names[@]}" >"$scratch/printed"
  [ "$(wc -l <"$scratch/printed")" -eq ${#names[@]} ] || fail 'one failed'
  await_faults
  names=()
  while read -r line; do
    # shellcheck disable=SC2086 # six words
    check $line || names+=("${line%% *}")
  done <"$scratch/printed"
done
check_monotone
stop
[ ${#names[@]} -eq 0 ] || fail "never equal: ${names[*]}"
