#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest, by tracepoint, which has lines: what goes from file to file counts for
# the file that has it.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

in_guest "$1" -t 240 \
  -f "$build/tests/workload/many:/bpfmem/tests/workload/many" <<'END'
BPFMEM_HOOKS=tracepoint /bpfmem/tests/daemon/t_reuse.sh
END
