#!/bin/bash
# SPDX-License-Identifier: MIT
# Files of a stock group are one row, with -a one each.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch

# count FILE ARGUMENT...: what two files of a group had; $sum is their faults.
count() {
  local out=$1 pid name minor major
  shift
  "$top" -f -e -n 1000000 "$@" 0.2 >"$out" &
  pid=$!
  wait_for 'the first interval' has_intervals "$out" 1
  sum=0
  for name in a.rrd b.rrd; do
    rm -f $name
    read -r _ minor major < <("$faults" private_write "$scratch/$name")
    sum=$((sum + minor + major))
  done
  wait_for 'the last interval' has_intervals "$out" $(($(intervals "$out") + 3))
  kill -INT "$pid"
  reap "$pid" || fail "ended with status $?"
  check_tables "$out" 1000000
}

faults_of() {
  local first
  read -r first _ < <(sum_rows "$1" "$2")
  echo "$first"
}

count groups.out
found=$(faults_of groups.out rrd)
echo "group: $sum faults, $found in its row"
[ $((found + $(missed groups.out))) -ge "$sum" ] && [ "$found" -ge 900 ] &&
  [ "$sum" -ge 1000 ] || fail 'not in the group'
! grep -F "$scratch" groups.out | grep '[.]rrd$' || fail 'a member of its own'
count files.out -a
found=$(($(faults_of files.out "$scratch/a.rrd") + $(faults_of files.out "$scratch/b.rrd")))
echo "files: $sum faults, $found in their rows"
[ "$found" -le "$sum" ] && [ $((found + $(missed files.out))) -ge "$sum" ] ||
  fail 'not in rows of their own'
[ "$(faults_of files.out rrd)" -eq 0 ] || fail 'a group in spite of -a'
