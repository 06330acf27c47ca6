#!/bin/bash
# SPDX-License-Identifier: MIT
# A cache's series follow objects that are created, held and destroyed.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
enter_scratch

start <<END
  CollectPageFaults false
  <Slab>
    MaxSeries 1000
    ReportBytes true
  </Slab>
END
wait_for 'the statistics' has_reads bpfmem-slab/gauge-tracked 1

await_slab() {
  await_reads slab-other/operations-alloc
}

allocs() {
  last_of 1 "slab-$1/operations-alloc"
}

frees() {
  last_of 1 "slab-$1/operations-free"
}

# What BPF skipped, of any cache: events in interrupts of the same program.
missed() {
  last_of 1 bpfmem-slab/derive-events_missed
}

has_freed() {
  [ $(($(frees "$1") + $(missed))) -ge "$2" ]
}

# The end of the pipe lets the workload go on.
release() {
  exec 3>&-
}

# try KIND CACHE COUNT: whether, in a quiet moment, exactly COUNT objects came
# and went. In any moment that many did at least.
try() {
  local kind=$1 cache=$2 count=$3 a0 f0 m0 a1 f1 m1 a2 f2
  await_slab
  a0=$(allocs "$cache") f0=$(frees "$cache") m0=$(missed)
  rm -f go
  mkfifo go
  "$objects" "$kind" "$count" "$scratch" <go >out &
  exec 3>go
  wait_for "$kind" grep -q created out
  await_slab
  a1=$(allocs "$cache") f1=$(frees "$cache") m1=$(missed)
  release
  wait_for "the end of $kind" grep -q destroyed out
  wait $! || fail "$kind: status $?"
  # RCU frees some later; kfree_rcu() collects for seconds.
  wait_for "frees of $cache" has_freed "$cache" $((f1 + m1 + count))
  await_slab
  a2=$(allocs "$cache") f2=$(frees "$cache")
  say "$kind: $cache allocated $a0 $a1 $a2, freed $f0 $f1 $f2"
  [ $((a1 - a0 + m1 - m0)) -ge "$count" ] ||
    fail "$kind: allocs of $cache are lost"
  [ $((a1 - f1 - a0 + f0)) -eq "$count" ] && [ $((a2 - f2)) -eq $((a0 - f0)) ]
}

# Whether cache $1 serves nothing else: merged ones are links to one directory.
alone() {
  local cache=/sys/kernel/slab/$1 others
  others=$(find -L /sys/kernel/slab -maxdepth 1 -samefile "$cache" | wc -l)
  [ "$others" -eq 1 ] || { [ "$others" -eq 2 ] && [ -L "$cache" ]; }
}

# Others use the same caches, so one exact try of twenty is enough; whoever
# counts an object twice or not at all has none.
check() {
  local tries
  alone "$2" || {
    say "$1: left out, as $2 is merged with others on this kernel"
    return 0
  }
  for ((tries = 1; tries <= 20; tries++)); do
    ! try "$@" || return 0
  done
  fail "$1: never exact"
}

# A server's sockets never rest.
try sockets sock_inode_cache 1009 || say 'sockets: others use them, too'
check contexts userfaultfd_ctx_cache 1021
check timers posix_timers_cache 997
check keys key_jar 1013
# More of them are a privilege that root may lack.
check mqueues mqueue_inode_cache 251
# Watches are freed by kfree_rcu(): from 6.18 on through sheaves, which only a
# function hook sees. The plugin says so when it has none.
if has_logged 'not counted on this kernel.*kfree_rcu by sheaf'; then
  say 'epoll: left out, as this kernel lets its frees not be counted'
else
  check epoll eventpoll_epi 1009
fi

# What goes through functions only is not counted without a function's hook: no
# bulk, not one, and the log names it.
if has_logged 'not counted on this kernel.*bulk alloc'; then
  requests=$(allocs io_kiocb)
  "$objects" requests 1009 "$scratch" </dev/null >out
  await_slab
  say "requests: io_kiocb allocated $(($(allocs io_kiocb) - requests)) by others"
  [ $(($(allocs io_kiocb) - requests)) -lt 1009 ] ||
    fail 'requests: bulk allocs are counted, but the log denies it'
fi

# Bytes are objects times the room that one takes.
cache=sock_inode_cache
await_slab
size=$(awk -v cache=$cache '$1 == cache { print $4 }' /proc/slabinfo)
[ "$(frees $cache)" -ge 1009 ] || fail "$cache: $(frees $cache) freed"
# In each read, by its time; of reads within one millisecond one may have the other's.
join -t, <(lines slab-$cache/operations-free) <(lines slab-$cache/total_bytes-free) |
  awk -F, -v size="$size" '
    { good[$1] += $3 == $2 * size }
    END { for (at in good) { reads++; bad += !good[at] }
      print reads + 0, bad + 0; exit reads < 3 || bad }' >compared ||
  fail "$cache: reads, and those of other bytes than objects of $size: $(cat compared)"

[ -z "$(entities pagefault)" ] || fail 'counts page faults, too'
check_monotone
stop
