#!/bin/bash
# SPDX-License-Identifier: MIT
# Count and length of intervals; deadlines do not drift.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch

"$top" -n 3 0.1 7 >seven
[ "$(intervals seven)" -eq 7 ] || fail "not 7 intervals: $(cat seven)"

# Arrival of each interval, in milliseconds since the first.
"$top" -s -n 3 0.2 11 | while read -r line; do
  case $line in
  ????-??-??' '*) now ;;
  esac
done >arrivals
awk 'NR == 1 { first = $1 } { late = $1 - first - (NR - 1) * 200 }
  # A busy machine wakes it late, now and then; drift would add up. Never early.
  { if (late < worst || NR == 1) worst = late }
  END { exit !(NR == 11 && late < 150 && worst > -150) }' arrivals ||
  fail "11 intervals of 200 ms came at $(tr '\n' ' ' <arrivals)"

# Stopped for several intervals: those are left out, none is made up for.
"$top" -s -n 3 0.2 >stopped &
wait_for 'the first interval' has_intervals stopped 1
kill -STOP $!
sleep 1 # five intervals
before=$(intervals stopped)
kill -CONT $!
sleep 0.3
more=$(($(intervals stopped) - before))
[ "$more" -le 3 ] || fail "$more intervals at once after a stop"
kill $!
check_tables stopped 3
