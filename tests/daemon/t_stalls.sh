#!/bin/bash
# SPDX-License-Identifier: MIT
# A file's time stalled is what the threads that waited for it measured themselves,
# and its major faults are what getrusage() says, for one thread and for several.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/stalls.sh
. "$(dirname "$0")/stalls.sh"
need_daemon
enter_scratch

# Of waits of some 100 us. The way into the fault and back takes a seventh of such a wait,
# and a third on a busy virtual machine, see doc/exactness.md. What starts too late has
# next to nothing: the kernel reads before it tries again.
# shellcheck disable=SC2034 # for stalls.sh
LEAST=55 WAYS=2
start_faults 100 "^$scratch/"
need_starts
check_stalls 1 1009
check_stalls 4 2003
check_unstarted
check_monotone
stop
