#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest, with each hook that is exact on its kernel: a file's series in the
# real collectd is what getrusage() says of the faults on it.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

in_guest "$1" <<'END'
# Without being told, it takes the most exact one.
best=fexit
! grep -qw resched_curr_lazy /proc/kallsyms || best=kprobe
/bpfmem/tests/daemon/t_faults.sh | tee /tmp/auto
grep -q "hook $best" /tmp/auto
[ $best = kprobe ] || BPFMEM_HOOKS=kprobe /bpfmem/tests/daemon/t_faults.sh
# Since 6.12.
[ ! -d /sys/kernel/tracing/events/filemap/mm_filemap_map_pages ] ||
  BPFMEM_HOOKS=tracepoint /bpfmem/tests/daemon/t_faults.sh
END
