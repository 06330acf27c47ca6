#!/bin/bash
# SPDX-License-Identifier: MIT
# Reads, five a second, with workloads going on and a small table, while a checker
# looks at each access to memory: no error, no leak, and all is counted.
# BPFMEM_CHECKER: valgrind (all of collectd, 20 s to start) or asan (the plugin
# built with sanitizers); BPFMEM_SOAK: seconds of a run (10).
# ALONE: not empty where nothing else runs, which might make such objects, too.
# Argument: how many runs (1).
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/checker.sh
. "$(dirname "$0")/checker.sh"
need_daemon
enter_scratch
interval=0.2
storm=$build/tests/workload/storm cache=mqueue_inode_cache
checker=${BPFMEM_CHECKER:-valgrind} seconds=${BPFMEM_SOAK:-10}

case $checker in
valgrind) use_valgrind ;;
asan) use_asan ;;
*) fail "no checker $checker" ;;
esac

# Set what is known now: $total of all faults, $files of those on files that stay,
# $allocs of the cache; $hidden of faults that may be in another series than their
# file's, $missed of objects.
look() {
  await_all
  read -r total files < <(awk -F, '
    FNR == 1 { if (NR > 1) add(); first = second = 0; name = FILENAME }
    /^[0-9]/ && $2 > first { first = $2 }
    /^[0-9]/ && $3 > second { second = $3 }
    function add() {
      total += first + second
      if (name ~ /~soak-[a-z_]*\//) files += first + second
    }
    END { add(); printf "%d %d\n", total, files }' \
    "csv/$host"/pagefault-*/ps_pagefaults-*)
  allocs=$(last_of 1 "slab-$cache/operations-alloc")
  hidden=$(($(missed) + $(last_of 1 bpfmem-pagefault/derive-events_untracked)))
  missed=$(last_of 1 bpfmem-slab/derive-events_missed)
}

# Print "MINOR MAJOR" of one round of all workloads but that on objects: first
# those on files that stay.
round() {
  local name
  for name in private_read shared_write private_write; do
    "$faults" $name "$scratch/soak-$name" | tee -a exact
  done
  "$storm" files 211 | cut -d' ' -f 2-
  "$storm" names 211 | cut -d' ' -f 2-
  "$storm" forks 53 | cut -d' ' -f 2-
  "$objects" mqueues 211 "$scratch" </dev/null >/dev/null
}

# Print the total of words 2 and 3 of the lines of file $1.
sum() {
  awk '{ sum += $2 + $3 } END { printf "%d\n", sum }' "$1"
}

# Whether the series have all of $faults_exact and $queues by now, as collectd may
# be slow to write; ...
is_exact() {
  look
  [ "$files" -ge "$faults_exact" ] && [ "$allocs" -ge "$queues" ] &&
    is_complete
}

# ... and whether they have what they must: all but what the statistics say.
is_complete() {
  { [ "$faults_all" -le $((total - known)) ] || ! counts_faults; } &&
    [ $((faults_exact - files)) -le "$hidden" ] &&
    [ $((queues - allocs)) -le "$missed" ]
}

# Rounds until the time is over; all statistics begin with collectd.
soak() {
  local end=$((SECONDS + seconds)) rounds=0 vm rss known
  local queues faults_all faults_exact grown
  : >all
  : >exact
  vm=$(vmstat pgfault) rss=$(rss_kb "$collectd")
  look
  known=$total
  while [ "$rounds" -eq 0 ] || [ "$SECONDS" -lt "$end" ]; do
    round >>all
    rounds=$((rounds + 1))
  done
  queues=$((211 * rounds)) faults_all=$(sum all) faults_exact=$(sum exact)
  for _ in 1 2 3 4 5; do
    ! is_exact || break
  done
  vm=$(($(vmstat pgfault) - vm)) grown=$((total - known))
  say "$rounds rounds, $(read_count bpfmem-pagefault/derive-events_missed) reads:" \
    "their faults $faults_all, series $grown, kernel $vm;" \
    "on files that stay $faults_exact, series $files, not by file at most $hidden;" \
    "objects $queues, series $allocs, missed $missed; RSS $rss to $(rss_kb "$collectd") kB"
  is_complete || fail 'some are lost'
  [ "$grown" -le "$vm" ] || fail 'more faults than the kernel counted'
  [ "$files" -le "$faults_exact" ] || fail 'more faults than there were'
  [ "$allocs" -le "$queues" ] || [ -z "${ALONE-}" ] ||
    fail 'more objects than there were'
}

for ((run = 1; run <= ${1:-1}; run++)); do
  start_checked <<END
  <PageFaults>
    Hooks "$hooks"
    SampleAbove 0
    File "/\/(soak-[a-z_]*|storm-[0-9])$/"
    MaxSeries 100
    MaxTracked 1024
  </PageFaults>
  <Slab>
    Cache "$cache"
    Cache "/^(kmalloc|ext4)/"
    ReportBytes true
    MaxSeries 100
  </Slab>
END
  need_hook
  soak
  check_monotone
  stop_checked
  rm -rf csv log soak-*
done
