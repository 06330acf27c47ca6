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

# see LIST FILE...: collectd, with the options on standard input, where each of these
# files of the kernel has that list of CPUs.
see() {
  echo "$1" >list
  shift
  # shellcheck disable=SC2016 # for the inner shell
  launch unshare -m sh -ec 'for file in $0; do
      mount --bind list "/sys/devices/system/cpu/$file"
    done
    exec "$@"' "$*"
  wait_for 'collectd to start' reads
}

# counts LIST: all objects that $cpu makes while that list is the possible CPUs.
counts() {
  local before missed allocs
  see "$1" possible <<END
  CollectPageFaults false
  <Slab>
    Cache "$cache"
  </Slab>
END
  await_reads slab-other/operations-alloc
  before=$(last_of 1 "slab-$cache/operations-alloc")
  missed=$(last_of 1 bpfmem-slab/derive-events_missed)
  taskset -c "$cpu" "$objects" contexts $made "$scratch" </dev/null >/dev/null
  await_reads slab-other/operations-alloc
  allocs=$(($(last_of 1 "slab-$cache/operations-alloc") - before))
  missed=$(($(last_of 1 bpfmem-slab/derive-events_missed) - missed))
  say "the list is $1: CPU $cpu made $made, $allocs are counted, $missed events missed"
  [ $allocs -le $made ] && [ $((allocs + missed)) -ge $made ] ||
    fail 'they are not counted'
  [ $((2 * missed)) -lt $made ] || fail 'they are missed'
  ! has_logged 'does not list' || fail 'warned for nothing'
  stop
  rm -rf csv log
}

counts "$cpu"
# As if there were one CPU: the kernel itself is asked.
counts 0
# The verifier follows loops over so many. 72 MB of the kernel's memory.
counts 0-2999

# For page faults, as if there were one, and that online.
see 0 possible online <<END
  CollectSlab false
  <PageFaults>
    File "/^$scratch//"
    SampleAbove 0
  </PageFaults>
END
await_faults
read -r _ minor major < <(taskset -c "$cpu" "$faults" private_write "$scratch/a")
await_faults
read -r minors majors < <(latest_faults "pagefault-$(label "$scratch/a")/ps_pagefaults")
lack=$((minor + major - minors - majors))
say "CPU $cpu made $minor and $major faults, the series has $minors and $majors"
[ $lack -ge 0 ] && [ $lack -le "$(missed)" ] && [ $((2 * lack)) -lt "$minor" ] ||
  fail 'they are not counted'
stop
