#!/bin/bash
# SPDX-License-Identifier: MIT
# Count and length of intervals: none too many, none made up for, and deadlines
# that keep their beat whatever held one up.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch

"$top" -e -n 3 0.1 7 >seven
[ "$(intervals seven)" -eq 7 ] || fail "not 7 intervals: $(cat seven)"
check_tables seven 3

beat=400
# shellcheck disable=SC2317 # called by wait_for
arrived() {
  [ "$(wc -l <arrivals)" -ge "$1" ]
}

# Hold it up for more than two beats, and let it go on in the middle of one. When each
# interval arrives is in arrivals, in milliseconds.
hold_up() {
  local line pid first beats left
  rm -f pipe && mkfifo pipe
  : >arrivals
  while read -r line; do
    case $line in
    ????-??-??' '*) now ;;
    esac
  done <pipe >arrivals &
  "$top" -s -n 3 0.4 >pipe &
  pid=$!
  wait_for 'intervals' arrived 4
  kill -STOP $pid
  first=$(head -n 1 arrivals)
  beats=$((($(now) - first) / beat + 3))
  left=$((first + beats * beat + beat / 2 - $(now)))
  sleep "$((left / 1000)).$(printf %03d $((left % 1000)))"
  kill -CONT $pid
  wait_for 'intervals after the stop' arrived 9
  kill $pid
}

# The fifth is the one that was held up. A busy machine may show some late, but
# hardly all of four: the most punctual tells the beat.
keeps_its_beat() {
  awk -v beat=$beat '
    { ms = $1 - start } NR == 1 { start = $1; ms = base = 0 }
    NR <= 4 && ms - (NR - 1) * beat < base { base = ms - (NR - 1) * beat }
    NR == 6 { after = $1 - fifth } { fifth = $1 }
    NR >= 6 && NR <= 9 {
      phase = (ms - base + beat / 8) % beat - beat / 8
      if (NR == 6 || phase < best) best = phase
    }
    END { exit !(best < beat / 4 && after > beat / 4) }' arrivals
}

# Where the machine itself was held up it is seen another time; who has another beat, or
# makes up for intervals, never passes.
for tries in 1 2 3 4 5; do
  hold_up
  ! keeps_its_beat || exit 0
  echo "try $tries, arrived at $(tr '\n' ' ' <arrivals)"
done
fail "intervals of $beat ms, held up at the fifth: never as they should be"
