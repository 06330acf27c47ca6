#!/bin/bash
# SPDX-License-Identifier: MIT
# Tables in a pipe: plain text of 80 columns, sorted, with sums that agree.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch

# Enough names for more rows than are shown, in each interval.
mkdir many
(cd many && exec "$workload/many" 97 1000000000) >/dev/null &
many=$!
churn() {
  while :; do
    "$faults" private_write "$scratch/churn" >/dev/null
    "$objects" files 97 "$scratch" </dev/null >/dev/null
  done
}
churn &
wait_for 'all of them' test -e many/many-96

# headers FILE: the first letter of each table's header.
headers() {
  awk '$NF == "FILE" { printf "F" } $NF == "CACHE" { printf "A" }' "$1"
}

# run_top NAME ROWS ARGUMENT...
run_top() {
  local out=$1 rows=$2
  shift 2
  "$top" -e -n "$rows" "$@" | cat >"$out"
  check_text "$out"
  check_tables "$out" "$rows"
}

run_top both 5 0.5 3
[ "$(intervals both)" -eq 3 ] || fail "not 3 intervals: $(cat both)"
[ "$(headers both)" = FAFAFA ] || fail "not both tables: $(cat both)"
[ "$(grep -cE ' other \([0-9]+ more\)$' both)" -eq 6 ] ||
  fail "not the other 6 times: $(cat both)"

run_top faults 1000000 -f 0.5 1
[ "$(headers faults)" = F ] || fail "not faults alone: $(cat faults)"
! grep ' more)$' faults >&2 || fail 'other although all rows are shown'

run_top slab 0 -s 0.5 1
[ "$(headers slab)" = A ] || fail "not slab alone: $(cat slab)"
[ "$(wc -l <slab)" -eq 5 ] || fail "more than other and total: $(cat slab)"

"$top" -n 5 0.5 2 >rates
check_text rates
grep -qxE 'MINOR/s MAJOR/s STALL/s FILE' rates || fail "no rates: $(cat rates)"
grep -qxE 'ALLOC/s  FREE/s OBJECTS  GROWTH    HELD CACHE' rates ||
  fail "no rates of objects: $(cat rates)"
! grep -vE '^([0-9-]+ [0-9:]+ .*|[A-Z/s ]+|( *(-|[+-]?([0-9.]{1,4}([kMGTPE]|m?s)?|<[.]01(ms)?)) ){2,5}[^ ].*|)$' \
  rates >&2 || fail 'not figures of three digits'

kill $many
# Names from hostile users: too long, and with escape codes.
deep=$scratch/$(printf 'directory%.0s/' {1..11})file
evil=$scratch/$'\e[31mred\n'
mkdir -p "$(dirname "$deep")"
"$top" -e -f -n 1000000 1 >names &
wait_for 'the first interval' has_intervals names 1
"$faults" private_write "$deep" >deep.counts
"$faults" private_write "$evil" >evil.counts
shown=$(intervals names)
wait_for 'their intervals' has_intervals names $((shown + 2))
kill -INT $!
reap $! || fail "ended with status $?"
check_text names
check_tables names 1000000
grep -qE '^.{33}[.]{3}.*/directory/directory/file$' names ||
  fail "no row for $deep"
grep -F '/directory/directory/file' names | grep -qE '^.{80}$' ||
  fail 'the long name does not fill the line'
grep -qF "${scratch}/?[31mred?" names || fail 'no row for the evil name'
