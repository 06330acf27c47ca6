#!/bin/bash
# SPDX-License-Identifier: MIT
# A store that makes and drops segments of two indices, far more than there are places in
# the table: each fault of an index is in the series of its group, which goes on when its
# files are gone. The group is that of the guide. A file of a group's name is apart.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/paths.sh
. "$(dirname "$0")/paths.sh"
need_daemon
enter_paths
guide=$(dirname "$0")/../../doc/guide.md
many=$build/tests/workload/many

# The example, at another place. Before it is what a workload warms up with, beside its
# file: the first that matches decides.
group=$(grep -m 1 '^ *Group .*/srv/es/indices/' "$guide") ||
  fail "no such group in $guide"
group=${group//\/srv\/es/$scratch/es}

# shellcheck disable=SC2034 # for lib.sh
interval=0.1
start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    SampleAbove 0
    File "/^$scratch//"
    File "/^.index-orders$/"
    Group "/[.]warm$/" "warm"
    $group
    Group "/\\\\.none$/" "none"
    MaxTracked 64
  </PageFaults>
END
need_hook

has_room() {
  [ "$(last_of 1 bpfmem-pagefault/gauge-tracked)" -le 56 ]
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

# Others' files may take the last places of so small a table: what had none is told.
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
  most=$(($(missed) + $(untracked) - ignored))
  say "$number segments; lacking $lacking of at most $most"
  [ $lacking -le $most ] || fail "$lacking are lost"
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
[ $number -gt 64 ] || fail 'not more than there are places'

# All of their places go to others, and some of those find none.
before=$(untracked)
(mkdir others && cd others && for ((i = 0; i < 9; i++)); do
  "$many" 211 3 && sleep 0.2
done) >/dev/null
await_faults
ignored=$(($(untracked) - before))
[ $ignored -gt 0 ] || fail 'the table was not full'
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
