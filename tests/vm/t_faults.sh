#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest, with each hook that its kernel has: a file's series in the real
# collectd is what getrusage() says of the faults on it. On 6.12 with more possible
# CPUs than have lines (pf_*_plain_tp).
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

cpus=2 args='' possible=0-1
[ "$arch $1" != 'x86_64 6.12' ] || cpus=65 args=maxcpus=2 possible=0-64
{
  echo "possible=$possible"
  cat <<'END'
[ "$(cat /sys/devices/system/cpu/possible)" = $possible ] || exit 1
/bpfmem/tests/daemon/each_hook /bpfmem/tests/daemon/t_faults.sh | tee /tmp/out
# The most exact one is what it takes by itself.
best=fexit
! grep -qw resched_curr_lazy /proc/kallsyms || best=kprobe
grep -q "hook $best" /tmp/out || best=kprobe
. /bpfmem/tests/daemon/lib.sh
hooks=auto
enter_scratch
start </dev/null
[ "$(hook_in_use)" = $best ] || fail "takes $(hook_in_use), not $best"
stop
END
} | in_guest "$1" -t 240 -c "$cpus" -a "$args"
