#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest, with hooks that the machine itself may lack: reads for some time,
# started and stopped, with the plugin built with sanitizers.
# BPFMEM_SOAK: seconds of each of the two runs (3); BPFMEM_HOOKS: a hook to force.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"
seconds=${BPFMEM_SOAK:-3}

in_guest "$1" -t $((180 + 6 * seconds)) -s 256 \
  -f "$build/tests/checked/.libs/bpfmem.so:/bpfmem/tests/checked/.libs/bpfmem.so" \
  -f "$build/tests/workload/storm:/bpfmem/tests/workload/storm" <<END
export BPFMEM_SOAK=$seconds BPFMEM_CHECKER=asan BPFMEM_HOOKS=${BPFMEM_HOOKS:-auto}
ALONE=yes /bpfmem/tests/daemon/t_soak.sh 2
END
