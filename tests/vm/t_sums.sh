#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest that has swap and huge pages, with each hook that its kernel has: the
# series of memory that is no file is what getrusage() says of it, and all series
# together are what the kernel counts for the whole machine.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

in_guest "$1" -t 480 -s 128 <<'END'
dd if=/dev/zero of=/swap bs=1M count=32 2>/dev/null
mkswap /swap >/dev/null
swapon /swap
echo 20 >/proc/sys/vm/nr_hugepages
# Below 512 MB the kernel turns them off.
echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
/bpfmem/tests/daemon/each_hook /bpfmem/tests/daemon/guest_classes.sh
/bpfmem/tests/daemon/each_hook /bpfmem/tests/daemon/guest_vmstat.sh
END
