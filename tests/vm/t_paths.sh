#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest, with each hook that its kernel has: names of files wherever they
# are, and counts on file systems of all kinds.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

tools=()
for tool in mkfs.xfs mkfs.btrfs btrfs; do
  tools+=(-f "$(command -v $tool)") || {
    echo "needs $tool"
    exit 77
  }
done

in_guest "$1" -t 600 -s 300 -M overlay,xfs,btrfs -d 400 "${tools[@]}" \
  -f "$build/tests/workload/mapped:/bpfmem/tests/workload/mapped" <<'END'
# btrfs of 6.18 asks for it, but not in a way that busybox understands.
modprobe crc32c-cryptoapi 2>/dev/null || true
# The walk to the root is the same for both hooks; where it starts is not.
/bpfmem/tests/daemon/t_paths.sh
/bpfmem/tests/daemon/each_hook /bpfmem/tests/daemon/t_mounts.sh
END
