# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by tests in guests of ours, where nothing else runs: between two quiet
# moments, all series together grew by what pgfault in /proc/vmstat did, whatever
# ran in between.
#
# pgfault counts those that failed, too: they are in a statistic, or unattributed by
# the hook event alone. Until 6.3 it also counts those that are tried again, which
# only fexit tells.
# To be sourced after lib.sh.

# shellcheck disable=SC2034,SC2154 # for the tests; what lib.sh sets

# shellcheck source=tests/daemon/quiet.sh
. "$(dirname "${BASH_SOURCE[0]}")/quiet.sh"

# value SERIES TYPE UNTIL: the sum of its last values of a read that began by then.
value() {
  history "$1" "$2" |
    awk -v until="$3" '$1 <= until { last = $2 + $3 } END { printf "%d\n", last }'
}

statistic() {
  value bpfmem-pagefault "derive-$1" "$2"
}

# Print "PGFAULT PGMAJFAULT ALL MAJOR FAILED RETRIED MISSED UNATTRIBUTED" at a quiet
# moment, ALL and MAJOR of all series.
take_stock() {
  local tries at faults majors minor major
  for ((tries = 0; tries < 12; tries++)); do
    watch_vmstat >"$scratch/samples"
    await_faults
    history 'pagefault-*' ps_pagefaults >"$scratch/sums"
    read -r at faults majors minor major < <(
      quiet_moment "$scratch/samples" <"$scratch/sums") || continue
    echo "$faults $majors $((minor + major)) $major" \
      "$(statistic faults_failed "$at") $(statistic faults_retried "$at")" \
      "$(statistic events_missed "$at")" \
      "$(value pagefault-unattributed ps_pagefaults "$at")"
    return 0
  done
  return 1
}

# Set $stock.
need_stock() {
  stock=$(take_stock) || fail 'this guest has no quiet moment'
}

# compare WHAT BEFORE AFTER: of two stocks.
compare() {
  local what=$1 grown=() before after i lost
  read -ra before <<<"$2"
  read -ra after <<<"$3"
  for i in "${!before[@]}"; do
    grown[i]=$((after[i] - before[i]))
  done
  say "$what: kernel ${grown[0]} (major ${grown[1]}), series ${grown[2]}" \
    "(major ${grown[3]}), failed ${grown[4]}, retried ${grown[5]}," \
    "missed ${grown[6]}, unattributed ${before[7]} + ${grown[7]}"
  majors_counted=${grown[3]} majors_of_kernel=${grown[1]}
  failed=${grown[4]} retried=${grown[5]} missed=${grown[6]}
  lost=$((grown[0] - grown[2] - failed))
  counts_faults || lost=$((lost - retried))
  check_lost "$what" "${before[7]}"
}

# check_lost WHAT BEFORE: where a task may be preempted between the kernel's count and
# the program, and stays so for two reads, its fault looks missed for good and is there
# twice: of as many as the largest workload has processes, at worst. Those of before, which
# are BEFORE at most, make up for what is missed later. Before 6.4, by event, what is
# lost is what was tried again: t_losses.sh compares with the processes' own counts.
check_lost() {
  if [ "$hook" = event ] && ! counts_faults; then
    [ "$lost" -ge 0 ] || fail "$1: $((-lost)) too many"
  elif may_preempt; then
    [ "${lost#-}" -le 61 ] && [ "$lost" -le "$2" ] || fail "$1: $lost are lost"
  else
    [ "$lost" -eq 0 ] || fail "$1: $lost are lost"
  fi
  [ "$missed" -eq 0 ] || { [ "$hook" = fexit ] && may_preempt; } ||
    fail "$1: $missed missed"
}
