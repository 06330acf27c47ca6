# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by tests that look at the whole machine at a quiet moment: what was
# counted until a given time, without a process of our own that would fault.
# To be sourced after lib.sh.

# shellcheck disable=SC2154 # what lib.sh sets

# So that quiet moments can be short. Nothing is lost if a read is late.
read_often

# history PATTERN TYPE: "TIME SUM SUM", sums over all series that match, for each
# read, by time. A series that is not in a read stands still.
history() {
  local files
  # shellcheck disable=SC2206 # a pattern
  files=("$scratch/csv/$host/"$1/"$2"-[0-9]*)
  [ -e "${files[0]}" ] || return 0
  awk '/^[0-9]/ { print $0 "," FILENAME }' "${files[@]}" | sort -n | awk -F, '
    $1 != time && time { printf "%s %d %d\n", time, first, second }
    { time = $1; first += $2 - one[$NF]; one[$NF] = $2
      if (NF > 3) { second += $3 - two[$NF]; two[$NF] = $3 } }
    END { if (time) printf "%s %d %d\n", time, first, second }'
}

# growth FROM TO < history: "FIRST SECOND", by how much they grew from the last
# read that began a whole interval before FROM to the first that began after TO.
growth() {
  awk -v from="$1" -v to="$2" -v interval="$interval" '
    $1 <= from - interval { first = $2; second = $3 }
    $1 >= to && !done { print $2 - first, $3 - second; done = 1 }'
}

# Print "TIME PGFAULT PGMAJFAULT" every tenth of a second, as /proc/vmstat has
# them, for about three seconds; without a process.
watch_vmstat() {
  local tries key value faults majors
  for ((tries = 0; tries < 30; tries++)); do
    nap 0.1
    while read -r key value; do
      case $key in
      pgfault) faults=$value ;;
      pgmajfault) majors=$value ;;
      esac
    done </proc/vmstat
    printf '%s %s %s\n' "$EPOCHREALTIME" "$faults" "$majors"
  done
}

# quiet_moment SAMPLES < history: "TIME PGFAULT PGMAJFAULT FIRST SECOND" of a
# sample at which nothing happened: it lies in the middle of four reads that
# have the same sums. (In the middle: a series that is new shows its events with
# the next read.) Nothing when there is none.
quiet_moment() {
  awk 'NR == FNR { at[++samples] = $1; faults[samples] = $2
      majors[samples] = $3; next }
    $2 + $3 != sum { same = 0; sum = $2 + $3 }
    { time[++same] = $1 }
    same >= 4 {
      for (i = 1; i <= samples; i++)
        if (at[i] > time[same - 2] && at[i] < time[same - 1]) {
          printf "%s %d %d %d %d\n", at[i], faults[i], majors[i], $2, $3
          exit
        }
    }' "$1" -
}
