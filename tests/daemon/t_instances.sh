#!/bin/bash
# SPDX-License-Identifier: MIT
# Two collectds at once count the same, one goes on when the other ends, and
# neither leaves anything behind. The plugin loaded twice counts once.
# Argument: "two", for the first sentence only, and in short.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/held.sh
. "$(dirname "$0")/held.sh"
need_daemon
enter_scratch
interval=0.1
top=$scratch cache=mqueue_inode_cache
# shellcheck disable=SC2046 # a list of numbers
trap 'kill -9 $(jobs -p) 2>/dev/null || :; wait 2>/dev/null || :
  rm -rf "$top"' EXIT

# From here on it is about the collectd of that name.
turn_to() {
  scratch=$top/$1
  mkdir -p "$scratch"
  collectd=${running[$1]-}
}
declare -A running

begin() {
  turn_to "$1"
  start < <(select_work "$cache" "^${top//\//\\/}\\/")
  running[$1]=$collectd
  need_hook
  held >"$scratch/ids"
}

# end NAME STATUS SIGNAL
end() {
  turn_to "$1"
  check_monotone
  kill "-$3" "$collectd"
  ended_with "$2" 2>/dev/null
  wait_for "BPF objects of $1 to go" is_gone "$scratch/ids"
}

# work: faults on three new files, and objects; $round is in their names.
round=0
work() {
  local name
  round=$((round + 1))
  for name in private_read shared_write private_write; do
    "$faults" $name "$top/$name.$round"
  done >"$top/faulted"
  "$objects" mqueues 211 "$top" </dev/null >/dev/null
}

# Print how many objects there were. Others may make such, too: then more.
allocs() {
  echo $(($(last_of 1 "slab-$cache/operations-alloc") + \
    $(last_of 1 bpfmem-slab/derive-events_missed)))
}

# Set $lack to the faults of the last work that are in no series of its files, and
# $made to the objects that are new since $1.
look() {
  local name minor major series
  await_faults
  await_reads slab-other/operations-alloc
  lack=0
  while read -r name minor major; do
    series=pagefault-$(label "$top/$name.$round")/ps_pagefaults
    lack=$((lack + minor + major - $(last_of 1 "$series") - $(last_of 2 "$series")))
  done <"$top/faulted"
  made=$(($(allocs) - $1))
}

# has_all NAME: that collectd has the faults of the last work exactly, but what it
# says it missed, and 211 objects more than $before[NAME], which is set anew. It
# may be slow to write all down.
declare -A before
has_all() {
  local lack made missed
  turn_to "$1"
  for _ in 1 2 3 4 5; do
    look "${before[$1]-0}"
    missed=$(missed)
    [ "$lack" -gt "$missed" ] || [ "$made" -lt 211 ] || break
  done
  say "$1: of the faults on $(wc -l <"$top/faulted") files it lacks $lack;" \
    "objects ${before[$1]-0}, then $made more"
  [ "$lack" -ge 0 ] || fail "$1 counts more faults than there were"
  [ "$lack" -le "$missed" ] || fail "$1 lacks faults"
  [ "$made" -ge 211 ] || fail "$1 lacks objects"
  before[$1]=$(allocs)
}

begin one
begin two
for kind in prog map link; do
  [ -z "$(grep -h "^$kind " "$top/one/ids" "$top/two/ids" | sort | uniq -d)" ] ||
    fail "they share a $kind"
done
work
has_all one
has_all two
end one 0 TERM
work
has_all two
if [ "${1-}" = two ]; then
  end two 137 KILL
  exit
fi

# The other way round.
rm -rf "$top/one"
before[one]=0
begin one
work
has_all one
has_all two
end two 137 KILL
work
has_all one
end one 0 TERM

# Print the csv files of which most lines have the time of another one. A few may: reads
# that are late follow each other within a millisecond.
repeated() {
  awk -F, '{ lines[FILENAME]++ } seen[FILENAME, $1]++ { again[FILENAME]++ }
    END { for (name in again) if (3 * again[name] > lines[name]) print name }' \
    "$scratch/csv/$host"/*/*
}

# once NAME: the collectd of that name, whose configuration loads the plugin
# again by $writers, holds as much as any and counts each event once.
once() {
  begin "$1"
  [ "$(held_counts "$scratch/ids")" = "$(held_counts "$top/two/ids")" ] ||
    fail "$1 holds $(held_counts "$scratch/ids")"
  work
  has_all "$1"
  [ -z "$(repeated)" ] || fail "$1 sends twice: $(repeated | head -n 3)"
  end "$1" 0 TERM
}

# collectd ignores the second line, ...
writers="PluginDir \"${plugin%/*}\"
LoadPlugin bpfmem"
once twice
# ... and a copy of the file refuses.
mkdir "$top/copies"
cp "$plugin" "$top/copies/bpfmem.so"
cp "$plugin" "$top/copies/again.so"
plugin=$top/copies/bpfmem.so
writers="PluginDir \"$top/copies\"
LoadPlugin again"
once copied
has_logged 'bpfmem plugin: loaded as "again", which is refused' ||
  fail 'no message'
