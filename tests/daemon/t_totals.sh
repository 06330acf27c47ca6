#!/bin/bash
# SPDX-License-Identifier: MIT
# All series together hold every fault of known workloads, and no more than the
# kernel's own count; with few series shown, the rest is in "other".
# Arguments: MaxSeries, one run for each (3 100).
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
enter_scratch

# The most files that any one read showed. Each read has "other"; one that is late may
# have the millisecond of the next.
shown_at_once() {
  local name
  {
    lines pagefault-other/ps_pagefaults | sed 's/$/,other/'
    for name in $(entities pagefault | grep -F "$(label "$scratch")~"); do
      lines "pagefault-$name/ps_pagefaults"
    done
  } | awk -F, '
    NF > 3 { reads[$1]++; next }
    { files[$1]++ }
    END {
      for (at in reads) if (files[at] > most * reads[at]) most = files[at] / reads[at]
      printf "%d\n", most + 0.999
    }'
}

workloads() {
  "$faults" list | awk '$2 == "FILE" { print $1 }'
}

run_with() {
  local max=$1 first last vm_before vm_after minor=0 major=0 name mi ma grown
  start_faults "$max"
  vm_before=$(vmstat pgfault)
  await_faults
  first=$(all_faults)
  for name in $(workloads); do
    read -r _ mi ma < <("$faults" "$name" "$scratch/$name")
    minor=$((minor + mi)) major=$((major + ma))
  done
  await_faults
  last=$(all_faults)
  vm_after=$(vmstat pgfault)
  grown=$((${last% *} + ${last#* } - ${first% *} - ${first#* }))
  say "$hook, MaxSeries $max: workloads $minor $major, series $first to $last," \
    "kernel $((vm_after - vm_before))"
  [ $((minor + major)) -le $grown ] || ! counts_faults || fail 'faults are lost'
  [ "$major" -le $((${last#* } - ${first#* })) ] || fail 'majors are lost'
  [ $grown -le $((vm_after - vm_before)) ] || fail 'faults are counted twice'
  [ "$(shown_at_once)" -le "$max" ] || fail "shows $(shown_at_once) files"
  check_monotone
  stop
  rm -rf csv log
}

[ $# -gt 0 ] || set -- 3 100
for max; do
  run_with "$max"
done
