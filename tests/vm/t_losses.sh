#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest: what is lost is published. Faults that BPF skips where it may be
# preempted, files for which the table has no room, names for which the ring has
# none: each statistic says what was lost, exactly. The hook event skips none, however
# many processes fault at once.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

in_guest "$1" -a preempt=full -t 240 \
  -f "$build/tests/workload/many:/bpfmem/tests/workload/many" <<'END'
. /bpfmem/tests/daemon/lib.sh
many=/bpfmem/tests/workload/many
enter_scratch
say "$(uname -r): $(cat /sys/kernel/debug/sched/preempt 2>/dev/null)"

# What looks while counting must not fault: from here to END_QUIET only builtins.

# Set $total to the faults of all processes since boot, by their own accounts.
look_at_processes() {
  local stat line
  total=0
  for stat in /proc/[0-9]*/stat; do
    { read -r line <"$stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086 # words
    set -- ${line##*) }
    total=$((total + $8 + $9 + ${10} + ${11}))
  done
}

# Set $values to those of the last but one read of a file of csv: that of the
# last may be half written.
look_at_csv() {
  local rows
  mapfile -t rows <"$1"
  count=${#rows[@]}
  values=${rows[count - 2]#*,}
}

# Set $seen to what all series hold, $missed to what of that programs missed.
look_at_series() {
  local file
  seen=0
  for file in "csv/$host"/pagefault-*/ps_pagefaults-*; do
    look_at_csv "$file"
    seen=$((seen + ${values/,/ + }))
  done
  look_at_csv "csv/$host"/bpfmem-pagefault/derive-events_missed-*
  missed=$values
}

pause() {
  local until
  look_at_csv "csv/$host"/pagefault-other/ps_pagefaults-*
  until=$((count + $1))
  while [ "$count" -lt $until ]; do
    nap 0.1
    look_at_csv "csv/$host"/pagefault-other/ps_pagefaults-*
  done
}

# Set $seen to the faults that all series had at some moment between two looks at the processes, which say $low and $high. A missed fault is
# published one read late.
look() {
  pause 2
  look_at_processes
  low=$total
  pause 6
  look_at_series
  look_at_processes
  high=$total
}
# END_QUIET

# skipped_faults HOOK: threads race on few CPUs. All processes together have
# taken as many faults as all series have grown. (Before 6.4 nothing tells what fexit
# misses.)
skipped_faults() {
  local low high seen missed low0 high0 seen0 missed0 least most round rounds=3
  [ "$1" = event ] || ! may_preempt || rounds=60
  start <<CONF
  CollectSlab false
  <PageFaults>
    Hooks "$1"
  </PageFaults>
CONF
  [ "$(hook_in_use)" = "$1" ] || fail "not $1"
  await_faults
  look
  low0=$low high0=$high seen0=$seen missed0=$missed
  # Where fexit may be preempted, until it has been in the middle of a program.
  for ((round = 1; round <= 3 || round <= rounds; round++)); do
    "$faults" threads_race "$scratch/race" >/dev/null
    "$faults" forked_children "$scratch/forked" >/dev/null
    [ "$1" = event ] || ! may_preempt || [ $((round % 3)) -ne 0 ] || {
      await_faults
      [ "$(last_of 1 bpfmem-pagefault/derive-events_missed)" -eq "$missed0" ] || break
    }
  done
  look
  least=$((low - high0)) most=$((high - low0))
  say "$1: processes took $least to $most faults, all series $((seen - seen0))," \
    "of these missed $((missed - missed0))"
  [ $((seen - seen0)) -le $most ] || fail 'more than there were'
  [ $((seen - seen0)) -ge $least ] || { [ "$1" = fexit ] && may_preempt &&
    ! counts_faults; } || fail 'some are lost'
  # The looks themselves must not hide what is missed.
  [ $((most - least)) -lt 100 ] || fail 'the guest was not quiet'
  missed_any=$((missed - missed0))
  check_monotone
  stop
  rm -rf csv log
}

skipped_faults fexit
! may_preempt || [ $missed_any -gt 0 ] || fail 'nothing was missed'
skipped_faults event
[ $missed_any -eq 0 ] || fail 'the hook event misses faults'

# crowd COUNT: so many processes for each of two CPUs, each of which faults 3499 times
# on a file of its own: their series have it all.
crowd() {
  local i wanted counted
  for ((i = 0; i < 2 * $1; i++)); do
    mkdir -p "crowd-$1/$i"
    (cd "crowd-$1/$i" && exec "$many" 1 3499) >"crowd-$1/$i.out" &
    crowd[i]=$!
  done
  wait "${crowd[@]}"
  await_faults
  wanted=$(cat "crowd-$1"/*.out | awk '{ sum += $2 + $3 } END { print sum }')
  counted=$(awk -F, '
    FNR > 1 && $2 + $3 > most[FILENAME] { most[FILENAME] = $2 + $3 } END {
      for (name in most) sum += most[name]; print sum }' \
    "csv/$host/pagefault-$(label "$scratch/crowd-$1")"~*/ps_pagefaults-*)
  say "$1 processes for each CPU: getrusage $wanted, series $counted," \
    "missed $(last_of 1 bpfmem-pagefault/derive-events_missed)"
  [ "$wanted" -eq $((2 * $1 * 3499)) ] || fail 'not what was asked for'
  [ "$counted" -eq "$wanted" ] || fail 'some are not on their files'
}

start <<CONF
  CollectSlab false
  <PageFaults>
    Hooks "event"
    File "/^$scratch/crowd/"
    MaxSeries 1000
  </PageFaults>
CONF
await_faults
for each in 2 4 20; do
  crowd $each
done
stop
rm -rf csv log

# No read may come before all files have been faulted on: they are right after one.
interval=3
after_read() {
  local count
  count=$(read_count pagefault-other/ps_pagefaults)
  wait_for 'a read' has_reads pagefault-other/ps_pagefaults $((count + 1))
}

untracked() {
  last_of 1 bpfmem-pagefault/derive-events_untracked
}

other() {
  echo $(($(last_of 1 pagefault-other/ps_pagefaults) + \
    $(last_of 2 pagefault-other/ps_pagefaults)))
}

start <<CONF
  CollectSlab false
  <PageFaults>
    File "/./" # each file, of however few faults
    MaxSeries 1000
    MaxTracked 64
  </PageFaults>
CONF
await_faults
after_read
"$many" 257
await_faults
say "table full: other $(other), untracked $(untracked)"
[ "$(untracked)" -ge $((257 - 64)) ] || fail 'the table was not full'
[ "$(untracked)" -eq "$(other)" ] || fail 'other has not what is untracked'
stop
rm -rf csv log

stat() {
  last_of 1 "bpfmem-pagefault/$1"
}

printf -v step '%200s' ''
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do
  mkdir "${step// /x}"
  cd "${step// /x}"
done
# Each fault tries once to name its file.
start <<CONF
  CollectSlab false
  <PageFaults>
    File "/./"
    MaxSeries 1000
  </PageFaults>
CONF
await_faults
lost=$(stat derive-names_lost)
[ "$lost" -eq 0 ] && [ "$(stat gauge-unnamed)" -eq 0 ] || fail 'names are lost'
after_read
"$many" 331
await_faults
lost=$(stat derive-names_lost)
say "ring full: names lost $lost, files unnamed $(stat gauge-unnamed)," \
  "faults in other $(other)"
[ "$lost" -gt 0 ] || fail 'no name was lost'
[ "$lost" -eq "$(stat gauge-unnamed)" ] || fail 'unnamed are not those lost'
[ "$lost" -eq "$(other)" ] || fail 'other has not what is unnamed'
# A later fault names each, as long as there is room.
for _ in 1 2 3; do
  "$many" 331
  await_faults
done
say "later: names lost $(stat derive-names_lost), files unnamed" \
  "$(stat gauge-unnamed)"
[ "$(stat gauge-unnamed)" -eq 0 ] || fail 'names stay unknown'
check_monotone
stop
END
