#!/bin/bash
# SPDX-License-Identifier: MIT
# A file's time stalled is what its waiting threads measured, where the disk takes some
# 20 ms for each, and its major faults are what getrusage() says.
# For a guest of ours, whose disk can be slowed down.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/stalls.sh
. "$(dirname "$0")/stalls.sh"
# shellcheck source=tests/daemon/slow_disk.sh
. "$(dirname "$0")/slow_disk.sh"
need_daemon
enter_scratch

# shellcheck disable=SC2034 # for stalls.sh
LEAST=98 WAYS=2 run_in=in_slow_group
start_faults 100 "^$scratch/"
need_starts
slow_down 50
check_stalls 1 307
check_stalls 4 211
check_unstarted
check_monotone
stop
speed_up
