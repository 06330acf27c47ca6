#!/bin/bash
# SPDX-License-Identifier: MIT
# What the kernel says each cache holds is what its series say, and what slabtop says;
# a cache that leaks has its series beside busy ones; and allocations less frees are the
# change of the objects in use, also where entry points are not hooked.
# Argument: "slabtop", that alone.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/paths.sh
. "$(dirname "$0")/paths.sh"
need_daemon
command -v slabtop >/dev/null || skip 'needs slabtop'
enter_mounts "$@"
enter_paths

# Print "CACHE OBJECTS BYTES" of all caches that have objects, by file $1 as
# /proc/slabinfo is.
caches_of() {
  awk -v page="$(getconf PAGESIZE)" 'FNR > 2 && $2 {
      objects[$1] += $2; bytes[$1] += $15 * $6 * page }
    END { for (name in objects) print name, objects[name], bytes[name] }' "$1"
}

# gauge CACHE NAME
gauge() {
  last_of 1 "slab-$1/$2"
}

# Add to `agreed` the caches that the file says the same of before a read and after it,
# as does the read.
agree() {
  local cache objects bytes
  cat /proc/slabinfo >before
  await_reads slab-other/operations-alloc
  cat /proc/slabinfo >after
  while read -r cache objects bytes; do
    [ "$(gauge "$cache" objects-active)" -ne "$objects" ] ||
      [ "$(gauge "$cache" memory-held)" -ne "$bytes" ] || agreed[$cache]=1
  done < <(comm -12 <(caches_of before | sort) <(caches_of after | sort))
}

# Names of caches are not all in the form of labels: the few that are not have a hash.
plain_caches() {
  slabtop -o | awk '/^ *OBJS/ { begun = 1; next }
    begun && $NF ~ /^[A-Za-z0-9._+-]+$/ {
      active[$NF] += $2; kb[$NF] += $(NF - 1) }
    END { for (name in active) if (kb[name]) print name, active[name], kb[name] }'
}

say 'every cache, by slabtop: the file is a copy that stands still'
cp /proc/slabinfo frozen
mount --bind frozen /proc/slabinfo
start <<END
  CollectPageFaults false
  <Slab>
    Cache "/./"
    MaxSeries 1000
  </Slab>
END
wait_for 'a whole read' has_reads slab-other/operations-alloc 2
plain_caches >caches
stop
while read -r cache active kb; do
  [ "$(gauge "$cache" objects-active)" -eq "$active" ] &&
    [ "$(gauge "$cache" memory-held)" -eq $((kb * 1024)) ] ||
    fail "$cache: $active objects in $kb KiB by slabtop, $(gauge "$cache" objects-active) \
in $(gauge "$cache" memory-held) bytes by the series"
done <caches
say "$(wc -l <caches) caches that hold something"
[ "$(wc -l <caches)" -ge 40 ] || fail 'too few'
rm -rf csv log
umount /proc/slabinfo
[ "${1-}" != slabtop ] || exit 0

start <<END
  CollectPageFaults false
  <Slab>
    MaxSeries 300
  </Slab>
END
await_reads slab-other/operations-alloc

say 'the gauges of caches that are at rest'
declare -A agreed
for _ in 1 2 3; do agree; done
moving=()
for cache in $(entities slab | grep -vx other); do
  [ -n "${agreed[$cache]-}" ] || moving+=("$cache")
done
say "${#agreed[@]} caches agree with /proc/slabinfo; in motion: ${moving[*]-none}"
[ ${#agreed[@]} -ge ${#moving[@]} ] || fail 'fewer than half'

say 'a cache of our own: objects come and stay'
cache=userfaultfd_ctx_cache
mkfifo hold
# more KIND COUNT: make so many, which stay from `keep` to `release`. They are in an IPC
# namespace of their own, so that none outlive a test that is stopped.
keep() {
  exec 5<>hold
  makers=()
}
more() {
  : >made
  unshare --ipc "$objects" "$1" "$2" "$scratch" <hold >made 5>&- &
  makers+=($!)
  wait_for objects grep -qs created made
}
release() {
  exec 5>&-
  wait "${makers[@]}"
}
keep
more contexts 503
await_reads slab-other/operations-alloc
held=$(gauge $cache objects-active)
read -r _ now _ < <(caches_of /proc/slabinfo | grep "^$cache ")
say "in use: $now; the series has $held"
[ "$now" -ge 503 ] || fail 'they are not in that cache'
[ "$held" -eq "$now" ] || fail 'not what is held'
release
stop
rm -rf csv log

say 'a leak in a quiet cache, beside busy ones'
# Messages of 2 KiB have a cache of their own from 6.11 on.
cache=msg_msg-2k
[ -e /sys/kernel/slab/$cache ] || cache=kmalloc-cg-2k
start <<END
  CollectPageFaults false
  <Slab>
    MaxSeries 12
  </Slab>
END
(while :; do
  stat /no/such/file "$scratch" /etc || :
  ls -l "$scratch"
done) >/dev/null 2>&1 &
busy=$!
await_reads slab-other/operations-alloc
keep
for ((step = 0; step < 16; step++)); do
  more messages 127
  wait_for 'a read' has_reads slab-other/operations-alloc \
    $(($(read_count slab-other/operations-alloc) + 1))
done
wait_for 'a series of the cache that leaks' test -d "csv/$host/slab-$cache"
kill $busy
say "series: $(entities slab | tr '\n' ' ')"
stop
release
