#!/bin/bash
# SPDX-License-Identifier: MIT
# Storms, swap and the OOM killer: all series together still grow by what the
# kernel counts, collectd lives, and does not take more and more memory.
# For a guest of ours with little memory and a disk for swap, $SWAP.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/stock.sh
. "$(dirname "$0")/stock.sh"
need_daemon
enter_scratch
storm=$build/tests/workload/storm

# storms KIND COUNT...: all at once.
storms() {
  local running=() one
  while [ $# -gt 0 ]; do
    "$storm" "$1" "$2" &
    running+=($!)
    shift 2
  done
  for one in "${running[@]}"; do
    wait "$one"
  done
}

mkswap "$SWAP" >/dev/null
swapon "$SWAP"

start <<END
  <PageFaults>
    Hooks "$hooks"
    MaxTracked 256
  </PageFaults>
END
need_hook
# Not what the OOM killer takes.
echo -1000 >"/proc/$collectd/oom_score_adj"
need_stock

# While files come and go, reads give slots back. If bpf(2) did that, a fork of the
# second storm that preempts it would lose its faults.
for storm_of in 'files 2003' 'files 2003 forks 503' 'hogs 3'; do
  earlier=$stock kills=$(vmstat oom_kill)
  # shellcheck disable=SC2086 # words
  storms $storm_of
  need_stock
  compare "$storm_of" "$earlier" "$stock"
  say "killed for want of memory: $(($(vmstat oom_kill) - kills))"
done
[ $(($(vmstat oom_kill) - kills)) -ge 3 ] || fail 'memory was not short'
check_monotone
stop
