#!/bin/bash
# SPDX-License-Identifier: MIT
# Starts and stops, in order, killed and by SIGHUP, leave nothing behind in the kernel.
# Arguments: how many in order (5), how many killed (3).
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/held.sh
. "$(dirname "$0")/held.sh"
need_daemon
enter_scratch

# SIGHUP may be ignored here, as by nohup, and would be in collectd, too. (The env of
# busybox cannot undo that, and no guest needs it.)
by=(env)
! env --default-signal=HUP true 2>/dev/null || by+=(--default-signal=HUP)

run() {
  rm -rf csv log
  launch "${by[@]}" <<END
  <PageFaults>
    Hooks "$hooks"
  </PageFaults>
END
  wait_for 'collectd to start' reads
  wait_for 'series' has_reads pagefault-other/ps_pagefaults 2
  wait_for 'series' has_reads slab-other/operations-alloc 2
  held >ids
  for kind in prog map link; do
    grep -q "^$kind " ids || fail "collectd holds no BPF $kind"
  done
}

for ((turn = 1; turn <= ${1:-5}; turn++)); do
  run
  say "turn $turn:$(held_counts ids)held"
  [ "$turn" = 1 ] || [ "$(held_counts ids)" = "$first" ] || fail "first $first"
  first=$(held_counts ids)
  check_monotone
  stop
  wait_for 'BPF objects to go' is_gone ids
done

# Killed: the kernel takes all back.
run
for ((turn = 1; turn <= ${2:-3}; turn++)); do
  kill -9 "$collectd"
  ended_with 137 2>/dev/null
  wait_for 'BPF objects to go' is_gone ids
  run
  say "turn $turn after a kill:$(held_counts ids)held"
  [ "$(held_counts ids)" = "$first" ] || fail "first $first"
done

# collectd has no handler for it, so that it ends and does not read its configuration.
kill -HUP "$collectd"
ended_with 129 2>/dev/null
wait_for 'BPF objects to go' is_gone ids
say 'SIGHUP ends it'
