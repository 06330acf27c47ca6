# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Run in a guest by t_refusals.sh, with $part: lockdown, when it was booted so, or
# policies, all others.
: "${part:?}"
# shellcheck source=tests/daemon/lib.sh
. /bpfmem/tests/daemon/lib.sh
enter_scratch

# Run the command with the options on standard input, until collectd runs.
try() {
  launch "$@"
  wait_for "collectd to start" reads
  grep -h "bpfmem plugin: " log | cut -d " " -f 3- | sort -u
}

# says PROBE TEXT...: it does not start, with a line that has all of these.
says() {
  local probe=$1 lines text
  shift
  lines=$(grep "bpfmem plugin: $probe: " log) || fail "$probe says nothing"
  for text; do
    lines=$(grep -F -e "$text" <<<"$lines") || fail "$probe does not say: $text"
  done
  [ ! -e "csv/$host/$probe-other" ] || fail "$probe publishes"
}

counts() {
  local type=ps_pagefaults
  [ "$1" = pagefault ] || type=operations-alloc
  wait_for "$1 to count" has_reads "$1-other/$type" 2
}

# end STATUS: 1 is collectd's when no probe has started.
end() {
  kill "$collectd"
  ended_with "$1"
  rm -rf csv log
}

if [ "$part" = lockdown ]; then
  mount -t securityfs none /sys/kernel/security 2>/dev/null || :
  grep -F '[confidentiality]' /sys/kernel/security/lockdown
  umount /sys/kernel/security
  try env </dev/null
  says pagefault 'lockdown is in confidentiality mode' 'lockdown=integrity'
  says slab 'lockdown is in confidentiality mode' 'lockdown=integrity'
  end 1
  exit
fi

refuse=/bpfmem/tests/workload/refuse

say 'seccomp refuses bpf():'
try $refuse bpf </dev/null
says pagefault 'not permitted' 'seccomp'
says slab 'not permitted' 'seccomp'
end 1

say 'seccomp refuses perf_event_open(), which kprobes need:'
try $refuse perf_event_open <<<'CollectSlab false
<PageFaults>
  Hooks "kprobe"
</PageFaults>'
says pagefault 'not permitted' 'perf_event_open()' 'Hooks'
end 1

say 'without capabilities:'
try setpriv --bounding-set -all --inh-caps -all </dev/null
says pagefault 'not permitted' 'lacks CAP_BPF and CAP_PERFMON' 'CapabilityBoundingSet='
says slab 'lacks CAP_BPF and CAP_PERFMON'
end 1

say 'BPF for root alone, which collectd is:'
echo 2 >/proc/sys/kernel/unprivileged_bpf_disabled 2>/dev/null ||
  echo 1 >/proc/sys/kernel/unprivileged_bpf_disabled
try env </dev/null
counts pagefault
counts slab
end 0

# Maps were charged to it up to 5.10.
say 'little memory may be locked:'
try setpriv --bounding-set -sys_resource --inh-caps -sys_resource \
  bash -c 'ulimit -l 64; exec "$@"' bash </dev/null
if [ "$(printf '%s\n' 5.11 "$(uname -r)" | sort -V | head -n 1)" = 5.11 ]; then
  counts pagefault
  counts slab
  end 0
else
  says pagefault 'not permitted' 'RLIMIT_MEMLOCK' 'LimitMEMLOCK=infinity'
  says slab 'not permitted' 'RLIMIT_MEMLOCK'
  end 1
fi

say 'no tracefs for kprobes:'
umount /sys/kernel/tracing 2>/dev/null || :
umount /sys/kernel/debug/tracing 2>/dev/null || :
umount /sys/kernel/debug 2>/dev/null || :
mount -t tmpfs none /sys/kernel/debug
mount -t tmpfs none /sys/kernel/tracing 2>/dev/null || :
try env <<<'<PageFaults>
  Hooks "kprobe"
</PageFaults>'
says pagefault 'Hooks "kprobe"' 'tracefs is not mounted' 'bpfmem-top --probe'
counts slab
end 0

say 'no /sys:'
umount -l /sys
try env </dev/null
says pagefault '/sys is not mounted'
says slab '/sys is not mounted'
end 1
