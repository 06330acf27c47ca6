#!/bin/bash
# SPDX-License-Identifier: MIT
# In a quiet guest: objects allocated less objects freed follows the cache's
# active objects in /proc/slabinfo, over thousands created and destroyed.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

# Caches that are merged have one name between them.
in_guest "$1" -a slab_nomerge <<'END'
/bpfmem/tests/daemon/t_slab.sh
. /bpfmem/tests/daemon/lib.sh
enter_scratch
count=3001

start <<CONF
  CollectPageFaults false
  <Slab>
    MaxSeries 1000
  </Slab>
CONF
wait_for 'the statistics' has_reads bpfmem-slab/gauge-tracked 1

# Set active and net to the cache's objects, by slabinfo and by us. Shrinking
# takes the CPUs' slabs away, whose free objects slabinfo takes for active.
look() {
  local cache=$1
  await_reads slab-other/operations-alloc
  for _ in 1 2 3; do
    echo 1 >"/sys/kernel/slab/$cache/shrink"
  done
  active=$(awk -v cache="$cache" '$1 == cache { print $2 }' /proc/slabinfo)
  allocs=$(last_of 1 "slab-$cache/operations-alloc")
  net=$((allocs - $(last_of 1 "slab-$cache/operations-free")))
  missed=$(last_of 1 bpfmem-slab/derive-events_missed)
}

# Print by how much both differ in what changed since look 0.
off() {
  local off=$((active - active0 - net + net0))
  echo ${off#-}
}

# agree WHAT CACHE: the kernel and we do. Up to 6.19 slabinfo takes a CPU's own
# slab for active as a whole: less than a slab for each CPU. What BPF skipped (an
# event in an interrupt of the same program) may be of this cache. Both are read
# at different moments, RCU frees in between: five looks, one has to agree.
agree() {
  local tries allowed
  for tries in 1 2 3 4 5; do
    look "$2"
    allowed=$(($(nproc) * slab + missed - missed0))
    say "$1, $2: active $((active - active0)), net $((net - net0))," \
      "missed $((missed - missed0))"
    [ "$(off)" -ge $allowed ] || return 0
  done
  fail "$1, $2: off by $(off), $allowed are allowed; $tries times"
}

follow() {
  local kind=$1 cache=$2 slab active allocs net missed active0 allocs0 net0 missed0
  slab=$(awk -v cache="$cache" '$1 == cache { print $5 }' /proc/slabinfo)
  # Free objects in slabs that a CPU has put aside are active to slabinfo; from
  # 7.0 on there are no such slabs.
  echo 0 2>/dev/null >"/sys/kernel/slab/$cache/cpu_partial" || true
  look "$cache"
  active0=$active allocs0=$allocs net0=$net missed0=$missed
  rm -f go && mkfifo go
  "$objects" "$kind" $count "$scratch" <go >out &
  exec 3>go
  wait_for "$kind" grep -q created out
  agree "$kind created" "$cache"
  [ $((allocs - allocs0)) -ge $count ] || fail "fewer than $count"
  exec 3>&-
  wait_for "the end of $kind" grep -q destroyed out
  agree "$kind destroyed" "$cache"
  [ $((net - net0)) -lt $((count / 2)) ] || fail 'frees are lost'
}

follow files ext4_inode_cache
follow files dentry
follow dentries dentry
follow sockets sock_inode_cache
follow epoll eventpoll_epi
stop
END
