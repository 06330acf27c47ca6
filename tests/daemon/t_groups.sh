#!/bin/bash
# SPDX-License-Identifier: MIT
# A store that makes and drops segments of two indices: each fault of an index is in the
# series of its group, which goes on when its files are gone and others have their places
# in the table. In a guest there are fewer places than segments. The group is that of the
# guide. A file of a group's name is apart.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/paths.sh
. "$(dirname "$0")/paths.sh"
need_daemon
guide=$(cd "$(dirname "$0")/../../doc" && pwd)/guide.md
enter_paths
many=$build/tests/workload/many

# The example, at another place. Before it is what a workload warms up with, beside its
# file: the first that matches decides.
group=$(grep -m 1 '^ *Group .*/srv/es/indices/' "$guide") ||
  fail "no such group in $guide"
group=${group//\/srv\/es/$scratch/es}

# Elsewhere what other programs do would fill so small a table.
places=1400 others=2011
! is_guest || places=64 others=211

start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    SampleAbove 0
    File "/^$scratch/es//"
    File "/^.index-orders$/"
    Group "/[.]warm$/" "warm"
    $group
    Group "/\\\\.none$/" "none"
    MaxTracked $places
  </PageFaults>
END
need_hook

has_room() {
  [ "$(last_of 1 bpfmem-pagefault/gauge-tracked)" -le $((places * 7 / 8)) ]
}

untracked() {
  last_of 1 bpfmem-pagefault/derive-events_untracked
}

declare -A minors majors
number=0

# segment INDEX WORKLOAD: one that is made, mapped, read and dropped.
segment() {
  local dir=$scratch/es/indices/$1/0/index minor major
  mkdir -p "$dir"
  number=$((number + 1))
  wait_for 'room in the table' has_room
  read -r _ minor major < <("$faults" "$2" "$dir/_$number.cfs")
  rm -f "$dir/_$number.cfs"
  minors[$1]=$((${minors[$1]:-0} + minor))
  majors[$1]=$((${majors[$1]:-0} + major))
}

# No segment may have been without a place.
check_groups() {
  local index minor major lacking=0 most
  await_faults
  for index in "${!minors[@]}"; do
    read -r minor major < <(latest_faults "pagefault-index-$index/ps_pagefaults")
    say "$index: getrusage ${minors[$index]} ${majors[$index]}, series $minor $major"
    [ "$minor" -le "${minors[$index]}" ] && [ "$major" -le "${majors[$index]}" ] ||
      fail 'more than there were'
    lacking=$((lacking + minors[$index] + majors[$index] - minor - major))
  done
  most=$(missed)
  say "$number segments; lacking $lacking, missed $most"
  [ "$(untracked)" -eq "$ignored" ] || fail 'the table was full'
  [ "$lacking" -le "$most" ] || fail "$lacking are lost"
}

ignored=0
for ((round = 1; round <= 12; round++)); do
  segment orders major_random
  for workload in private_read private_write shared_read shared_write stride; do
    segment orders "$workload"
  done
  segment users private_write
done
segment users major_random
check_groups
[ "${majors[orders]}" -ge 6000 ] && [ "${majors[users]}" -ge 500 ] ||
  fail 'no segment waits'
[ "$number" -gt "$places" ] || ! is_guest || fail 'not more than there are places'

# All of their places go to others, and some of those find none.
before=$(untracked)
(mkdir others && cd others && for ((i = 0; i < 9; i++)); do
  "$many" "$others" 3 && sleep 0.2
done) >/dev/null
await_faults
ignored=$(untracked)
[ "$ignored" -gt "$before" ] || fail 'the table was not full'
segment orders major_random
segment users private_write
check_groups

# As in a container, whose root has such a file.
mkdir container
make_file container/index-orders
wait_for 'room in the table' has_room
fault_as /index-orders -p "$scratch/container" /index-orders
check_groups
taken=pagefault-index-orders@$(hash_of /index-orders)/ps_pagefaults
[ "$(latest_faults "$taken")" = "$minor $major" ] ||
  fail "$taken has $(latest_faults "$taken"), not $minor $major"

entities pagefault | grep -F indices && fail 'a segment has a series of its own'
wait_for 'a warning of a group without members' \
  has_logged 'Group in <PageFaults>: "/\\.none$/" has matched nothing'
[ "$(grep -c 'Group .*has matched nothing' log)" -eq 1 ] ||
  fail "a warning too much: $(cat log)"
check_monotone
stop
