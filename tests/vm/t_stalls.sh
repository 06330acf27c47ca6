#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest with a slow disk, with each hook that its kernel has: a file's time stalled
# is what the threads that waited for it measured themselves.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

in_guest "$1" -t 240 \
  -f "$build/tests/workload/waits:/bpfmem/tests/workload/waits" <<'END'
/bpfmem/tests/daemon/each_hook /bpfmem/tests/daemon/guest_stalls.sh
END
