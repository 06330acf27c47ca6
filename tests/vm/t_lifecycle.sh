#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest, with hooks that the machine itself may lack: totals are conserved,
# and nothing is left behind.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

in_guest "$1" -f "$(command -v bpftool)" <<'END'
for hook in fexit kprobe; do
  export BPFMEM_HOOKS=$hook
  /bpfmem/tests/daemon/t_lifecycle.sh | tee /tmp/out
  # Only with the kprobe hook there are events that a kill leaves.
  [ $hook = fexit ] || grep -q 'has kprobe events' /tmp/out
  /bpfmem/tests/daemon/t_totals.sh
done
END
