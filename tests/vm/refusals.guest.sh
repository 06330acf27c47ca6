# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Run in a guest, with $part, by t_lockdown.sh: lockdown; by t_switches.sh: switches, what
# is switched off at any time; by t_refusals.sh: policies, all others.
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
  echo confidentiality >/sys/kernel/security/lockdown
  grep -F '[confidentiality]' /sys/kernel/security/lockdown
  umount /sys/kernel/security
  try env </dev/null
  says pagefault 'lockdown is in confidentiality mode' 'lockdown=integrity'
  says slab 'lockdown is in confidentiality mode' 'lockdown=integrity'
  end 1
  exit
fi

# Print all faults that series hold.
known() {
  all_faults | awk '{ printf "%d\n", $1 + $2 }'
}

uncounted() {
  last_of 1 bpfmem-slab/gauge-entry_points_uncounted
}

# By fexit; a file that is selected has a series from its first fault on.
files_of_ours="<PageFaults>
  Hooks \"fexit\"
  SampleAbove 0
  File \"/^$scratch//\"
</PageFaults>"

# switch FILE: faults that come while FILE has 0 and the hook fexit is used are missed
# and, where the kernel's own count tells them, unattributed; slab says that it does not
# count all; and when it has 1 all is counted again.
switch() {
  local faulted vm before grown slab minor
  try env <<<"$files_of_ours"
  await_all
  vm=$(vmstat pgfault) before=$(known) slab=$(uncounted)
  echo 0 >"$1" || {
    say 'the kernel does not let it, as it is in use'
    end 0
    return
  }
  wait_for 'a message' has_logged "pagefault: hook fexit has been switched off.*$1"
  read -r _ faulted _ < <("$faults" private_read "$scratch/off")
  await_all
  grown=$(($(known) - before)) vm=$(($(vmstat pgfault) - vm))
  say "faults of a workload $faulted, series $grown, kernel $vm; slab" \
    " does not count $slab, then $(uncounted)"
  [ "$(last_of 1 bpfmem-pagefault/derive-events_missed)" -ge "$faulted" ] ||
    fail 'lost faults are not in events_missed'
  [ "$grown" -ge "$faulted" ] || ! counts_faults || fail 'nor are they unattributed'
  [ "$grown" -le "$vm" ] || fail 'more than the kernel counted'
  [ "$(last_of 1 "bpfmem-slab/gauge-hook_fexit")" -eq 0 ] ||
    [ "$(uncounted)" -gt "$slab" ] || fail 'slab counts all'
  echo 1 >"$1"
  wait_for 'a message' has_logged 'pagefault: hook fexit is on again'
  read -r _ faulted _ < <("$faults" private_read "$scratch/on")
  await_all
  minor=$(last_of 1 "pagefault-$(label "$scratch/on")/ps_pagefaults")
  [ "$minor" -eq "$faulted" ] || fail "on again: $faulted faults, series $minor"
  [ "$(uncounted)" -eq "$slab" ] || fail 'slab does not count all again'
  check_monotone
  end 0
}

if [ "$part" = switches ]; then
  ftrace=/proc/sys/kernel/ftrace_enabled
  say 'function tracing is off:'
  if ! echo 0 >$ftrace; then
    say 'this kernel never lets it'
  else
    try env <<<'<PageFaults>
  Hooks "fexit"
</PageFaults>'
    says pagefault 'Hooks "fexit"' 'switched off' "$ftrace"
    counts slab
    end 0
    say 'and by itself it takes the hook event, by which all is counted:'
    try env <<<"${files_of_ours/fexit/auto}"
    [ "$(hook_in_use)" = event ] || fail "takes $(hook_in_use)"
    read -r _ faulted _ < <("$faults" private_read "$scratch/event")
    await_faults
    minor=$(last_of 1 "pagefault-$(label "$scratch/event")/ps_pagefaults")
    [ "$minor" -eq "$faulted" ] || fail "event: $faulted faults, series $minor"
    end 0
    echo 1 >$ftrace
    switch $ftrace
  fi
  exit
fi

refuse=/bpfmem/tests/workload/refuse

say 'seccomp refuses bpf():'
try $refuse bpf </dev/null
says pagefault 'not permitted' 'seccomp'
says slab 'not permitted' 'seccomp'
end 1

say 'seccomp refuses perf_event_open(), which the hook event needs:'
try $refuse perf_event_open <<<'CollectSlab false
<PageFaults>
  Hooks "event"
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
if is_kernel_from 5.11; then
  counts pagefault
  counts slab
  end 0
else
  says pagefault 'not permitted' 'RLIMIT_MEMLOCK' 'LimitMEMLOCK=infinity'
  says slab 'not permitted' 'RLIMIT_MEMLOCK'
  end 1
fi

# So it is the last test of a guest.
say 'no /sys:'
umount -l /sys
try env </dev/null
says pagefault '/sys is not mounted'
says slab '/sys is not mounted'
end 1
