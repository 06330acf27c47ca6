# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by tests in which collectds run side by side, each with a name, a directory
# and a log of its own, and count the same workload. To be sourced after lib.sh.

# shellcheck disable=SC2154 # what lib.sh sets

# shellcheck source=tests/daemon/held.sh
. "${BASH_SOURCE[0]%/*}/held.sh"
need_daemon
enter_scratch
read_often
top=$scratch cache=mqueue_inode_cache
# shellcheck disable=SC2046 # a list of numbers
trap 'kill -9 $(jobs -p) 2>/dev/null || :; wait 2>/dev/null || :
  rm -rf "$top"' EXIT

# What each is run by, which waits for it and has its status.
within=(env)

# From here on it is about the collectd of that name: $collectd is the process that
# we wait for, $itself what gets signals and holds BPF objects.
turn_to() {
  scratch=$top/$1
  mkdir -p "$scratch"
  collectd=${running[$1]-} itself=${collecting[$1]-}
}
declare -A running collecting

begin() {
  turn_to "$1"
  launch "${within[@]}" < <(select_work "$cache" "^${top//\//\\/}\\/")
  wait_for 'collectd to start' reads
  # No line ends there.
  read -r itself _ <"/proc/$collectd/task/$collectd/children" || :
  itself=${itself:-$collectd}
  running[$1]=$collectd collecting[$1]=$itself
  need_hook
  collectd=$itself held >"$scratch/ids"
}

# end NAME STATUS SIGNAL
end() {
  turn_to "$1"
  check_monotone
  # What is killed takes with it what it runs; if that alone is killed, unshare of
  # util-linux 2.38 has a status of its own.
  [ "$3" != KILL ] || itself=$collectd
  kill "-$3" "$itself"
  ended_with "$2" 2>/dev/null
  wait_for "BPF objects of $1 to go" is_gone "$scratch/ids"
}

# work: faults on three new files, and objects; $round is in their names.
round=0
work() {
  round=$((round + 1))
  work_until true
}

# The same again and again, until COMMAND... succeeds.
work_until() {
  local name times=0
  while
    for name in private_read shared_write private_write; do
      "$faults" $name "$top/$name.$round"
    done
    "$objects" mqueues 211 "$top" </dev/null >/dev/null
    times=$((times + 1))
    ! "$@"
  do :; done >"$top/printed"
  awk '{ minor[$1] += $2; major[$1] += $3 }
    END { for (name in minor) print name, minor[name], major[name] }' \
    "$top/printed" >"$top/faulted"
  echo $((211 * times)) >"$top/made"
}

# Work goes on from here to have_worked.
keep_working() {
  round=$((round + 1))
  rm -f "$top/enough"
  work_until test -e "$top/enough" &
  worker=$!
}

have_worked() {
  : >"$top/enough"
  wait "$worker"
}

# Print how many objects there were. Others may make such, too: then more.
allocs() {
  echo $(($(last_of 1 "slab-$cache/operations-alloc") + \
    $(last_of 1 bpfmem-slab/derive-events_missed)))
}

# Set $lack to the faults of the last work that are in no series of its files, and
# $made to the objects that are new since $1.
look() {
  await_all
  lack=$(lacking "$top/%.$round" <"$top/faulted")
  made=$(($(allocs) - $1))
}

# has_all NAME: that collectd has the faults of the last work exactly, but what it
# says it missed, and all its objects more than $before[NAME], which is set anew. It
# may be slow to write all down.
declare -A before
has_all() {
  local lack made missed wanted
  turn_to "$1"
  read -r wanted <"$top/made"
  for _ in 1 2 3 4 5; do
    look "${before[$1]-0}"
    missed=$(missed)
    [ "$lack" -gt "$missed" ] || [ "$made" -lt "$wanted" ] || break
  done
  say "$1: of the faults on $(wc -l <"$top/faulted") files it lacks $lack;" \
    "objects ${before[$1]-0}, then $made more, of $wanted"
  [ "$lack" -ge 0 ] || fail "$1 counts more faults than there were"
  [ "$lack" -le "$missed" ] || fail "$1 lacks faults"
  [ "$made" -ge "$wanted" ] || fail "$1 lacks objects"
  before[$1]=$(allocs)
}
