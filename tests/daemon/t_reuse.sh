#!/bin/bash
# SPDX-License-Identifier: MIT
# Slots go from file to file when they are idle, and count for the file that has
# them, also when a file comes again.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
enter_scratch
many=$build/tests/workload/many

# work DIR COUNT ROUNDS: each of so many files has so many faults, all minor.
work() {
  local printed
  mkdir -p "$1"
  printed=$(cd "$1" && "$many" "$2" "$3")
  say "$1: $printed"
  [ "$printed" = "many $(($2 * $3)) 0" ] || fail 'not what was asked for'
  await_faults
}

# check DIR COUNT FAULTS: so many series of its files, each with so many. All in one
# awk, as there are hundreds; a value never falls, so the highest is the last.
check() {
  local counted lacking missed
  missed=$(missed)
  counted=$(awk -F, -v faults="$3" '
    FNR > 1 {
      name = FILENAME
      sub(/-[0-9-]*$/, "", name)
      if ($2 + 0 > minor[name] + 0) minor[name] = $2 + 0
      major += $3
    }
    END {
      for (name in minor) {
        files++
        if (minor[name] > faults) print name, minor[name] >"/dev/stderr"
        lacking += minor[name] > faults ? -1000000 : faults - minor[name]
      }
      print files, lacking, major
    }' "csv/$host/pagefault-$(label "$scratch/$1")~many-"*/ps_pagefaults-*)
  lacking=${counted#* } lacking=${lacking% *}
  say "$1: $2 files of $3 faults: found, lacking, major: $counted; missed $missed"
  [ "$counted" = "$2 $lacking 0" ] || fail 'not so many series, or major faults'
  [ "$lacking" -ge 0 ] || fail 'more than there were'
  [ "$lacking" -le "$missed" ] || fail "$lacking are lost"
}

has_given_back() {
  [ "$(last_of 1 bpfmem-pagefault/gauge-tracked)" -le 700 ]
}

# More than half of the table: those idle for 60 reads give their slots back, down to
# half of it. There is room for what is left of them, the second and 500 of the system's,
# as a build may use beside it.
# shellcheck disable=SC2034 # for lib.sh
interval=0.1
start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    SampleAbove 0
    File "/^$scratch//"
    MaxSeries 1000
    MaxTracked 1400
  </PageFaults>
END
need_hook
work first 751 3
wait_for 'slots to be given back' has_given_back
work second 97 5
wait_for 'slots to be given back' has_given_back
work first 751 7
check first 751 10
check second 97 5
[ "$(last_of 1 bpfmem-pagefault/derive-events_untracked)" -eq 0 ] ||
  fail 'no room for all'
check_monotone
stop
