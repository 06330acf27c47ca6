#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest, with each hook that its kernel has: a file's series in the real
# collectd is what getrusage() says of the faults on it.
# Environment: BPFMEM_OWN_HOOK, if set: only the hook that it takes by itself.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

by=/bpfmem/tests/daemon/each_hook
[ -z "${BPFMEM_OWN_HOOK-}" ] || by=''
{
  echo "$by /bpfmem/tests/daemon/t_faults.sh | tee /tmp/out"
  cat <<'END'
# The one that it takes by itself: fexit, if programs are not preempted.
best=fexit
! grep -qw resched_curr_lazy /proc/kallsyms || best=event
grep -q "hook $best" /tmp/out || best=event
. /bpfmem/tests/daemon/lib.sh
hooks=auto
enter_scratch
start <<<'CollectSlab false'
[ "$(hook_in_use)" = $best ] || fail "takes $(hook_in_use), not $best"
stop
END
} | in_guest "$1" -t 240
