#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest, with hooks that the machine itself may lack: totals are conserved,
# CPUs may come and go, two run at once, in PID namespaces of their own as well, and
# nothing is left behind; names and counts withstand attacks.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

workload=$build/tests/workload
in_guest "$1" -t 400 -f "$(guest_program bpftool)" -f "$(guest_program taskset)" \
  -f "$(guest_program setpriv)" -f "$(guest_program unshare)" \
  -f "$workload/many:/bpfmem/tests/workload/many" -f "$workload/mapped:/bpfmem/tests/workload/mapped" <<'END'
BPFMEM_HOOKS=fexit /bpfmem/tests/daemon/t_totals.sh 3
BPFMEM_HOOKS=event /bpfmem/tests/daemon/guest_hotplug.sh
BPFMEM_HOOKS=fexit /bpfmem/tests/daemon/t_lifecycle.sh 2 1
# Both have two side by side, and take minutes where all is emulated.
case $(uname -r) in
5.*) BPFMEM_HOOKS=event BPFMEM_SLAB_HOOKS=kprobe /bpfmem/tests/daemon/t_namespaces.sh two ;;
*) BPFMEM_HOOKS=event /bpfmem/tests/daemon/t_instances.sh two ;;
esac
/bpfmem/tests/daemon/t_attacks.sh short
END
