#!/bin/bash
# SPDX-License-Identifier: MIT
# The whole machine: between two quiet moments, all series together grew by what
# pgfault in /proc/vmstat did, whatever ran in between.
#
# pgmajfault counts pages that had to be read, where they are asked for. It is
# the sum of majflt when a program is alone; a thread that waits for a page that
# another reads, a write to a shared page up to 5.19 and a fault of userfaultfd
# are majors of getrusage without it.
# For a guest of ours, where nothing else runs.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/stock.sh
. "$(dirname "$0")/stock.sh"
need_daemon
enter_scratch

# What is alone with its pages.
run_alone() {
  local name
  for name in major_random major_readahead major_write; do
    "$faults" $name "$scratch/$name" >/dev/null
  done
}

# Everything, with the shell's own processes.
run_all() {
  local name where need
  while read -r name where need; do
    [ -z "$need" ] || continue
    [ "$where" = FILE ] || "$faults" "$name" >/dev/null || fail "$name"
    [ "$where" != FILE ] || "$faults" "$name" "$scratch/$name" >/dev/null ||
      fail "$name"
  done < <("$faults" list)
}

start_faults 100
need_stock
zero=$stock
run_alone
need_stock
one=$stock
run_all
need_stock
compare alone "$zero" "$one"
# Read-ahead that is still under way when its page is wanted makes a major fault
# without a read, or a read without a major fault: 0 to 3 of 800 were seen.
off=$((majors_counted - majors_of_kernel))
[ "$missed" -gt 0 ] || ! counts_faults || [ ${off#-} -le 7 ] ||
  fail "majors: $majors_counted, the kernel says $majors_of_kernel"
compare all "$one" "$stock"
# The workload sigbus alone fails 252 times.
is_event_alone || [ "$failed" -ge 252 ] || fail "only $failed have failed"
[ "$hook" = event ] || [ "$retried" -gt 0 ] || fail 'none was retried'
check_monotone
stop
