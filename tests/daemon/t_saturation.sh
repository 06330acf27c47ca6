#!/bin/bash
# SPDX-License-Identifier: MIT
# Every CPU does nothing but make and free objects: each is counted, reads do not
# take longer, memory does not grow.
# BPFMEM_STORM=long: for 10 minutes, twice.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
enter_scratch
cache=userfaultfd_ctx_cache # that hardly anyone else uses
round=5003 seconds=10
# A virtual machine's kernel raised no event for 1 in 6 million frees, which no other
# program of any kind saw either (man page): of so many objects, one may lack.
unseen=100000
[ "${BPFMEM_STORM-}" != long ] || seconds=600

# Set allocs, frees and missed.
look() {
  await_reads slab-other/operations-alloc
  allocs=$(last_of 1 "slab-$cache/operations-alloc")
  frees=$(last_of 1 "slab-$cache/operations-free")
  missed=$(last_of 1 bpfmem-slab/derive-events_missed)
}

read_times() {
  sed -n 's/^[0-9.]*,//p' "csv/$host"/bpfmem-slab/gauge-read_seconds-*
}

# Objects on CPU $1 until $end; a line for each round.
saturate() {
  until [ "$SECONDS" -ge "$end" ]; do
    taskset -c "$1" "$objects" contexts $round "$scratch" </dev/null >/dev/null
    echo
  done
}

# check RECOVER
check() {
  local allocs_before frees_before missed_before rss made cpu end running=()
  start <<END
  CollectPageFaults false
  <Slab>
    Cache "$cache"
    RecoverMissed $1
  </Slab>
END
  look
  allocs_before=$allocs frees_before=$frees missed_before=$missed rss=$(rss_kb "$collectd")
  end=$((SECONDS + seconds))
  for cpu in $(seq 0 $(($(nproc) - 1))); do
    saturate "$cpu" >"made.$cpu" &
    running+=($!)
  done
  wait "${running[@]}" || fail "the workload ended with $?"
  made=$((round * $(cat made.* | wc -l)))
  look
  allocs=$((allocs - allocs_before)) frees=$((frees - frees_before))
  missed=$((missed - missed_before))
  say "RecoverMissed $1: $made objects in $seconds s on $(nproc) CPUs: $allocs allocated," \
    "$frees freed, $missed missed; RSS $rss kB, then $(rss_kb "$collectd") kB;" \
    "a read took $(read_times | sort -g | awk '{ t[NR] = $1 }
       END { print t[int((NR + 1) / 2)] " s, at most " t[NR] " s" }')"
  [ $allocs -le "$made" ] && [ $frees -le "$made" ] ||
    fail 'more than were made'
  [ $((made - allocs)) -le $missed ] ||
    fail 'some allocations are lost'
  [ $((2 * made - allocs - frees)) -le $((missed + made / unseen)) ] ||
    fail 'some are lost'
  [ "$(rss_kb "$collectd")" -le $((rss + 512)) ] || fail 'memory grew'
  check_monotone
  stop
  rm -r csv
}

check false
check true
