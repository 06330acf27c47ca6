#!/bin/bash
# SPDX-License-Identifier: MIT
# Ctrl-C and SIGTERM end it at once and well, also when its reader is slow; so
# does a reader that goes away.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch
at_once_ms=1000 # it takes some 50 ms to detach; an interval would take longer

# ends_at_once SIGNAL PID: status 0 soon after the signal.
ends_at_once() {
  local started status=0
  started=$(now)
  kill "-$1" "$2"
  reap "$2" || status=$?
  [ $status -eq 0 ] || fail "SIG$1: status $status"
  [ $(($(now) - started)) -lt $at_once_ms ] ||
    fail "SIG$1: took $(($(now) - started)) ms"
}

# Before its first interval, after some.
for signal in INT TERM HUP; do
  start_verbose early 60
  ends_at_once $signal $!
  [ ! -s early ] || fail "output before the first interval: $(cat early)"
done
"$top" -n 3 0.2 >some &
wait_for 'two intervals' has_intervals some 2
ends_at_once INT $!
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
wrote_a_page() {
  [ "$(awk '$1 == "wchar:" { print $2 }' "/proc/$pid/io")" -ge 4096 ]
}
wait_for 'a full pipe' wrote_a_page
ends_at_once INT $pid
exec 3>&-

# Started with SIGINT ignored, as in the background of a script.
set +m
start_verbose ignored 60
kill -INT $!
sleep 0.3
kill -0 $! || fail 'SIGINT ended it although its parent ignores it'
ends_at_once TERM $!

timeout 20 "$top" -n 3 0.1 2>log | head -n 4 >head.out
status=${PIPESTATUS[0]}
{ [ "$status" -eq 0 ] && [ ! -s log ]; } ||
  fail "reader went away: status $status, $(cat log)"

status=0
"$top" -n 3 0.1 1 >/dev/full 2>log || status=$?
{ [ $status -eq 1 ] && grep -q 'cannot write: No space left' log; } ||
  fail "full disk: status $status, $(cat log)"
