#!/bin/bash
# SPDX-License-Identifier: MIT
# Count and length of intervals: none too many, none made up for, and deadlines
# that keep their beat whatever held one up.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch

"$top" -n 3 0.1 7 >seven
[ "$(intervals seven)" -eq 7 ] || fail "not 7 intervals: $(cat seven)"
check_tables seven 3

# When each interval arrives, in milliseconds.
mkfifo pipe
while read -r line; do
  case $line in
  ????-??-??' '*) now ;;
  esac
done <pipe >arrivals &
beat=400
"$top" -s -n 3 0.4 >pipe &
pid=$!
arrived() {
  [ "$(wc -l <arrivals)" -ge "$1" ]
}

# Hold it up for more than two beats, and let it go on in the middle of one.
wait_for 'intervals' arrived 4
kill -STOP $pid
first=$(head -n 1 arrivals)
beats=$((($(now) - first) / beat + 3))
left=$((first + beats * beat + beat / 2 - $(now)))
sleep "$((left / 1000)).$(printf %03d $((left % 1000)))"
kill -CONT $pid
wait_for 'intervals after the stop' arrived 9
kill $pid

# The fifth is the one that was held up. A busy machine may show some late, but
# hardly all of four: the most punctual tells the beat.
awk -v beat=$beat '
  { ms = $1 - start } NR == 1 { start = $1; ms = base = 0 }
  NR <= 4 && ms - (NR - 1) * beat < base { base = ms - (NR - 1) * beat }
  NR == 6 { after = $1 - fifth } { fifth = $1 }
  NR >= 6 && NR <= 9 {
    phase = (ms - base + beat / 8) % beat - beat / 8
    if (NR == 6 || phase < best) best = phase
  }
  END { exit !(best < beat / 4 && after > beat / 4) }' arrivals ||
  fail "intervals of $beat ms, held up at the fifth: $(tr '\n' ' ' <arrivals)"
