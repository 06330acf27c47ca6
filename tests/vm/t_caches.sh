#!/bin/bash
# SPDX-License-Identifier: MIT
# A cache that is destroyed and made again, mostly at the same address, as its
# module is unloaded and loaded: all objects of all of them are counted.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

in_guest "$1" -M overlay -t 240 <<'END'
. /bpfmem/tests/daemon/lib.sh
enter_scratch
cache=ovl_inode largest=211
mkdir lower upper work merged
for ((i = 0; i < largest; i++)); do >lower/$i; done

# use COUNT: that many inodes of overlayfs, besides its root and what it needs.
use() {
  local i
  modprobe overlay
  mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work none merged
  for ((i = 0; i < $1; i++)); do [ -e merged/$i ]; done
  umount merged
  rmmod overlay
}

allocs() {
  last_of 1 "slab-$cache/operations-alloc"
}

# Each is of a row in the table that no other has had before, or has again.
round() {
  local now
  use "$1"
  await_reads slab-other/operations-alloc
  now=$(allocs)
  objects=$((now - before)) before=$now
}

rmmod overlay
start <<CONF
CollectPageFaults false
<Slab>
  Cache "$cache"
</Slab>
CONF
await_reads slab-other/operations-alloc
before=0
round 1 # a series begins with the second look
round 0
own=$objects
for count in 101 2 $largest 31 3 $largest 1; do
  round $count
  say "$count inodes and $own: $objects counted"
  [ $objects -eq $((count + own)) ] || fail "not $((count + own))"
done
# RCU frees in interrupts, which may find the program of frees running.
lack=$(($(allocs) - $(last_of 1 "slab-$cache/operations-free")))
[ $lack -ge 0 ] && [ $lack -le "$(last_of 1 bpfmem-slab/derive-events_missed)" ] ||
  fail "of those allocated $lack are not freed"
check_monotone
stop
END
