#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest with little memory: storms, swap, the OOM killer.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

in_guest "$1" -m 384 -d 96 -t 240 \
  -f "$build/tests/workload/storm:/bpfmem/tests/workload/storm" <<'END'
SWAP=/dev/extra /bpfmem/tests/daemon/guest_pressure.sh
END
