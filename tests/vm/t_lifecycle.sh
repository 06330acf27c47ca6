#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest, with hooks that the machine itself may lack: totals are conserved,
# CPUs may come and go, two run at once, and nothing is left behind.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

in_guest "$1" -f "$(guest_program bpftool)" -f "$(guest_program taskset)" <<'END'
BPFMEM_HOOKS=fexit /bpfmem/tests/daemon/t_totals.sh 3
BPFMEM_HOOKS=event /bpfmem/tests/daemon/guest_hotplug.sh
BPFMEM_HOOKS=fexit /bpfmem/tests/daemon/t_lifecycle.sh 2 1
BPFMEM_HOOKS=event /bpfmem/tests/daemon/t_instances.sh two
END
