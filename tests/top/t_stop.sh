#!/bin/bash
# SPDX-License-Identifier: MIT
# Ctrl-C and SIGTERM end it at once and well, also when its reader is slow; so
# does a reader that goes away.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch
forever=86400 # an interval for whose end nothing here waits

# ends SIGNAL PID: status 0 after the signal.
ends() {
  local status=0
  kill "-$1" "$2"
  reap "$2" || status=$?
  [ $status -eq 0 ] || fail "SIG$1: status $status"
}

# Before its first interval, after some.
for signal in INT TERM HUP; do
  start_verbose early $forever
  ends $signal $!
  [ ! -s early ] || fail "output before the first interval: $(cat early)"
done
"$top" -e -n 3 0.2 >some &
wait_for 'two intervals' has_intervals some 2
ends INT $!
check_text some
check_tables some 3

# A pipe that nobody reads, with room for the first page of an interval's text,
# which is longer: 61 rows of 80 columns.
mkfifo pipe
exec 3<>pipe
dd if=/dev/zero of=pipe bs=4096 count=15 status=none # of 16
deep=$scratch/$(printf 'directory%.0s/' {1..11})
mkdir -p "$deep"
start_verbose pipe -n 1000000 3
pid=$!
for ((i = 0; i < 61; i++)); do
  "$faults" private_read "$deep/$i" >/dev/null
done
# It waits for one descriptor in ppoll(), and for none before its next interval.
waits_for_room() {
  local descriptors=''
  read -r _ _ descriptors _ <"/proc/$pid/syscall" && [ "$descriptors" = 0x1 ]
}
wait_for 'a full pipe' waits_for_room
ends INT $pid
exec 3>&-

# Started with SIGINT ignored, as in the background of a script.
set +m
start_verbose ignored 0.2
wait_for 'an interval' has_intervals ignored 1
kill -INT $!
shown=$(intervals ignored)
wait_for 'intervals after SIGINT, which its parent ignores' has_intervals ignored \
  $((shown + 2))
ends TERM $!

timeout 20 "$top" -n 3 0.1 2>log | head -n 4 >head.out
status=${PIPESTATUS[0]}
{ [ "$status" -eq 0 ] && [ ! -s log ]; } ||
  fail "reader went away: status $status, $(cat log)"

status=0
"$top" -n 3 0.1 1 >/dev/full 2>log || status=$?
{ [ $status -eq 1 ] && grep -q 'cannot write: No space left' log; } ||
  fail "full disk: status $status, $(cat log)"
