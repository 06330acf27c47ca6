#!/bin/bash
# SPDX-License-Identifier: MIT
# Events on a CPU that the kernel's list of CPUs has after a hole are counted, and on
# one that it does not have, as containers may be shown another list. The last CPU
# makes the events. And there may be thousands.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
[ "$(cpus | wc -l)" -ge 2 ] || skip 'needs two CPUs'
unshare -m true 2>/dev/null || skip 'needs mount namespaces'
enter_scratch
cache=userfaultfd_ctx_cache # that hardly anyone else uses
cpu=$(cpus | tail -n 1) made=5003

# in_possible LIST: collectd, where the kernel seems to have those CPUs.
in_possible() {
  echo "$1" >possible
  launch unshare -m sh -c 'mount --bind possible /sys/devices/system/cpu/possible &&
    exec "$@"' sh <<END
  CollectPageFaults false
  <Slab>
    Cache "$cache"
  </Slab>
END
  wait_for 'collectd to start' reads
  await_reads slab-other/operations-alloc
}

# Set allocs and missed to what they grow by while objects are made.
work() {
  local before
  before=$(last_of 1 "slab-$cache/operations-alloc")
  missed=$(last_of 1 bpfmem-slab/derive-events_missed)
  taskset -c "$cpu" "$objects" contexts $made "$scratch" </dev/null >/dev/null
  await_reads slab-other/operations-alloc
  allocs=$(($(last_of 1 "slab-$cache/operations-alloc") - before))
  missed=$(($(last_of 1 bpfmem-slab/derive-events_missed) - missed))
  say "$1: CPU $cpu made $made, $allocs are counted, $missed events missed"
}

in_possible "$cpu"
work "the list is $cpu"
[ $allocs -le $made ] && [ $((allocs + missed)) -ge $made ] ||
  fail 'they are not counted'
[ $((2 * missed)) -lt $made ] || fail 'they are missed'
! has_logged 'does not list' || fail 'warned for nothing'
stop
rm -rf csv log

# As if there were one CPU: the kernel itself is asked.
in_possible 0
work 'the list is 0'
[ $allocs -le $made ] && [ $((allocs + missed)) -ge $made ] ||
  fail 'they are not counted'
[ $((2 * missed)) -lt $made ] || fail 'they are missed'
! has_logged 'does not list' || fail 'warned for nothing'
stop
rm -rf csv log

launch unshare -m sh -c 'mount --bind possible /sys/devices/system/cpu/possible &&
  mount --bind possible /sys/devices/system/cpu/online && exec "$@"' sh <<END
  CollectSlab false
  <PageFaults>
    File "/^$scratch//"
  </PageFaults>
END
wait_for 'collectd to start' reads
await_faults
read -r _ minor major < <(taskset -c "$cpu" "$faults" private_write "$scratch/a")
await_faults
counted=$(last "pagefault-$(label "$scratch/a")/ps_pagefaults")
say "CPU $cpu made $minor and $major faults, the series has $counted"
[ "$counted" = "$minor $major" ] || fail 'they are not counted'
stop
rm -rf csv log

# The verifier follows loops over so many. 72 MB of the kernel's memory.
in_possible 0-2999
work 'the list is 0-2999'
[ $allocs -le $made ] && [ $((allocs + missed)) -ge $made ] ||
  fail 'they are not counted'
stop
