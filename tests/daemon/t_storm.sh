#!/bin/bash
# SPDX-License-Identifier: MIT
# More files than the table has room for, many names that come and go, many
# processes: nothing is lost but what the statistics say, and a second storm takes
# no more memory than the first.
# BPFMEM_STORM=long: 200,003 files, 1,000,003 names, 50,021 processes, and the
# default table.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
enter_scratch
storm=$build/tests/workload/storm
if [ "${BPFMEM_STORM-}" = long ]; then
  files=200003 names=1000003 forks=50021 tracked=8192
else
  files=20011 names=20011 forks=5003 tracked=512
fi

# Set total and untracked, of faults.
look() {
  local minor major
  await_faults
  read -r minor major < <(all_faults)
  total=$((minor + major))
  untracked=$(last_of 1 bpfmem-pagefault/derive-events_untracked)
}

# storm KIND COUNT: the series have its faults, and no more than the kernel's.
storm() {
  local before vm minor major grown
  vm=$(vmstat pgfault)
  look
  before=$total
  untracked_before=$untracked
  read -r _ _ minor major < <("$storm" "$@")
  look
  vm=$(($(vmstat pgfault) - vm)) grown=$((total - before))
  say "$*: its faults $((minor + major)), series $grown, kernel $vm;" \
    "without a place $((untracked - untracked_before)), memory $(own_kb "$collectd") kB," \
    "read $(last bpfmem-pagefault/gauge-read_seconds) s"
  [ $((minor + major)) -le "$grown" ] || ! counts_faults || fail 'faults are lost'
  [ "$grown" -le "$vm" ] || fail 'more than the kernel counted'
}

start <<END
  CollectSlab true
  <PageFaults>
    Hooks "$hooks"
    SampleAbove 0
    MaxTracked $tracked
  </PageFaults>
  <Slab>
    MaxSeries 100
  </Slab>
END
need_hook
storm files $files
[ $((untracked - untracked_before)) -gt 0 ] || fail 'the table was not full'
own=$(own_kb "$collectd")
storm files $files
# What other programs fault on has names of other lengths: some 100 kB.
[ "$(own_kb "$collectd")" -le $((own + 512)) ] ||
  fail "memory grew from $own kB to $(own_kb "$collectd") kB"

inodes() {
  last_of 1 slab-ext4_inode_cache/operations-alloc
}

# Where the names are on another file system, its inodes have another cache.
await_reads slab-other/operations-alloc
before=$(inodes)
storm names $names
await_reads slab-other/operations-alloc
if [ "$(stat -f -c %T .)" = ext2/ext3 ]; then
  made=$(($(inodes) - before + $(last_of 1 bpfmem-slab/derive-events_missed)))
  say "ext4 inodes: $made"
  [ $made -ge $names ] || fail 'inodes are lost'
fi
storm forks $forks
# Only this process and its children: fewer than it wants.
limited() (
  ulimit -u $(($(ps -e --no-headers 2>/dev/null | wc -l) + 40))
  storm forks $forks
)
limited
check_monotone
stop
