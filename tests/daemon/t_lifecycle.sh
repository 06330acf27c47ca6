#!/bin/bash
# SPDX-License-Identifier: MIT
# Starts and stops, in order and killed, leave nothing behind in the kernel.
# Argument: how many in order (5).
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
command -v bpftool >/dev/null || skip 'needs bpftool, to look at the kernel'
enter_scratch

events=/sys/kernel/tracing/kprobe_events

# Print "prog ID", "map ID", "link ID" of all that collectd holds.
held() {
  sed -n 's/^\(prog\|map\|link\)_id:[[:space:]]*/\1 /p' \
    "/proc/$collectd/fdinfo"/* | sort -u
}

# Whether nothing that is listed in the file is in the kernel any more.
is_gone() {
  local kind id
  while read -r kind id; do
    ! bpftool "$kind" show id "$id" >/dev/null 2>&1 || return 1
  done <"$1"
}

# Whether no kprobe event of process $1 is left; so where there is no tracefs.
has_no_events() {
  ! grep -qs "bpfmem_$1/" $events
}

run() {
  rm -rf csv log
  start <<END
  <PageFaults>
    Hooks "$hooks"
  </PageFaults>
END
  wait_for 'series' has_reads pagefault-other/ps_pagefaults 2
  wait_for 'series' has_reads slab-other/operations-alloc 2
  held >ids
  for kind in prog map link; do
    grep -q "^$kind " ids || fail "collectd holds no BPF $kind"
  done
  pid=$collectd
}

counts() {
  cut -d' ' -f1 ids | sort | uniq -c | tr -s ' \n' ' '
}

for ((turn = 1; turn <= ${1:-5}; turn++)); do
  run
  say "turn $turn:$(counts)held"
  [ "$turn" = 1 ] || [ "$(counts)" = "$first" ] || fail "first $first"
  first=$(counts)
  check_monotone
  stop
  wait_for 'BPF objects to go' is_gone ids
  has_no_events "$pid" || fail 'kprobe events stay'
done

# Killed: the kernel takes all back but kprobe events, and those go with the
# next start.
run
killed=$pid
has_no_events "$killed" || say 'has kprobe events'
kill -9 "$collectd"
ended_with 137 2>/dev/null
wait_for 'BPF objects to go' is_gone ids
run
has_no_events "$killed" || fail 'kprobe events of a killed process stay'
stop
wait_for 'BPF objects to go' is_gone ids
