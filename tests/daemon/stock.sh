# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by tests in guests of ours, where nothing else runs: between two quiet
# moments, all series together grew by what pgfault in /proc/vmstat did, whatever
# ran in between.
#
# pgfault counts attempts, so what the plugin says of those that failed belongs
# to it, but for the hook tracepoint, whose series have them; and until 6.3 those
# that are tried again (53156443fe6b, 6.4).
# To be sourced after lib.sh.

# shellcheck disable=SC2034,SC2154 # for the tests; what lib.sh sets

# shellcheck source=tests/daemon/quiet.sh
. "$(dirname "${BASH_SOURCE[0]}")/quiet.sh"

retries_count() {
  local version
  version=$(uname -r | sed 's/^\([0-9]*\)\.\([0-9]*\).*/\1 \2/')
  [ "${version% *}" -lt 6 ] ||
    { [ "${version% *}" -eq 6 ] && [ "${version#* }" -lt 4 ]; }
}

# statistic NAME UNTIL: its last value of a read that began by then.
statistic() {
  history bpfmem-pagefault "derive-$1" |
    awk -v until="$2" '$1 <= until { last = $2 } END { printf "%d\n", last }'
}

# Print "PGFAULT PGMAJFAULT ALL MAJOR FAILED RETRIED MISSED" at a quiet moment,
# ALL and MAJOR of all series.
take_stock() {
  local tries at faults majors minor major
  for ((tries = 0; tries < 5; tries++)); do
    watch_vmstat >"$scratch/samples"
    await_faults
    history 'pagefault-*' ps_pagefaults >"$scratch/sums"
    read -r at faults majors minor major < <(
      quiet_moment "$scratch/samples" <"$scratch/sums") || continue
    echo "$faults $majors $((minor + major)) $major" \
      "$(statistic faults_failed "$at") $(statistic faults_retried "$at")" \
      "$(statistic events_missed "$at")"
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
  local what=$1 grown=() before after i counted lost
  read -ra before <<<"$2"
  read -ra after <<<"$3"
  for i in "${!before[@]}"; do
    grown[i]=$((after[i] - before[i]))
  done
  say "$what: kernel ${grown[0]} (major ${grown[1]}), series ${grown[2]}" \
    "(major ${grown[3]}), failed ${grown[4]}, retried ${grown[5]}," \
    "missed ${grown[6]}"
  majors_counted=${grown[3]} majors_of_kernel=${grown[1]}
  failed=${grown[4]} retried=${grown[5]} missed=${grown[6]}
  counted=$((grown[2] + grown[4]))
  ! retries_count || counted=$((counted + grown[5]))
  lost=$((grown[0] - counted))
  [ "$lost" -ge 0 ] || fail "$what: $counted counted, the kernel says ${grown[0]}"
  check_lost "$what"
}

# What is lost must be what the plugin says it missed; one whose task sleeps,
# between the kernel's count and the program, for two reads looks missed for good:
# as many as the largest workload has processes, at worst.
check_lost() {
  case $hook in
  fexit) ! grep -qw resched_curr_lazy /proc/kallsyms || {
    [ $((missed - lost)) -le 61 ] && [ $((missed * 2)) -ge "$lost" ] ||
      fail "$1: $lost are lost, not $missed"
    return
  } ;;
  esac
  [ "$lost" -eq 0 ] && [ "$missed" -eq 0 ] ||
    fail "$1: $lost are lost, $missed missed"
}
