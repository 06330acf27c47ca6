#!/bin/bash
# SPDX-License-Identifier: MIT
# What goes from file to file counts for the file that has it: lines, of which
# there are fewer than files here, and slots that files which were idle gave back,
# also when such a file comes again.
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
  local counted lacking
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
  say "$1: $2 files of $3 faults: found, lacking, major: $counted; forgiven $(forgiven)"
  [ "$counted" = "$2 $lacking 0" ] || fail 'not so many series, or major faults'
  [ "$lacking" -ge 0 ] || fail 'more than there were'
  [ "$lacking" -le "$(forgiven)" ] || fail "$lacking are lost"
}

# run MAX_TRACKED
run() {
  rm -rf csv log
  start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    File "/^$scratch//"
    MaxSeries 1000
    MaxTracked $1
  </PageFaults>
END
  need_hook
}

run 8192
work lines 601 7
check lines 601 7
check_monotone
stop

has_given_back() {
  [ "$(last_of 1 bpfmem-pagefault/gauge-tracked)" -lt 300 ]
}

# More than three quarters of the table: idle ones are given back after 6 reads.
run 512
work first 401 3
wait_for 'slots to be given back' has_given_back
work second 401 5
wait_for 'slots to be given back' has_given_back
work first 401 7
check first 401 10
check second 401 5
[ "$(last_of 1 bpfmem-pagefault/derive-events_untracked)" -eq 0 ] ||
  fail 'no room for all'
check_monotone
stop
