#!/bin/bash
# SPDX-License-Identifier: MIT
# A fault that waits for its page on a slow disk is nothing while it waits, and
# major then: no read in between shows it as minor.
# For a guest of ours, whose disk can be slowed down.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/quiet.sh
. "$(dirname "$0")/quiet.sh"
# shellcheck source=tests/daemon/slow_disk.sh
. "$(dirname "$0")/slow_disk.sh"
need_daemon
enter_scratch

check() {
  local name=$1 started=$SECONDS seconds minor major most last reads
  read -r _ minor major < <(in_slow_group "$faults" "$name" "$scratch/$name")
  seconds=$((SECONDS - started))
  await_faults
  read -r most last reads < <(
    history "pagefault-$(label "$scratch/$name")" ps_pagefaults |
      awk '$2 > most { most = $2 } END { print most + 0, $3 + 0, NR }'
  )
  say "$hook, $name: getrusage $minor $major in $seconds s, series $most $last" \
    "in $reads reads"
  [ $seconds -ge 4 ] || fail 'the disk is not slow'
  [ "$most" -le "$minor" ] || fail "$name: $most were minor for a while"
  [ "$most" -eq "$minor" ] && [ "$last" -eq "$major" ] || fail "$name: not equal"
}

start_faults 100
# Several reads of the disk for each read that collectd makes.
slow_down 50
check major_random
check major_write
check_monotone
stop
speed_up
