#!/bin/bash
# SPDX-License-Identifier: MIT
# What a file's rows sum to over all intervals is what getrusage() says, also on a CPU
# that has very many faults, and a cache that frees is shown, too.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch

# start FILE ARGUMENT...: bpfmem-top writes to FILE and has begun to count.
start() {
  "$top" -e -n 1000000 "${@:2}" 0.2 >"$1" &
  pid=$!
  wait_for 'the first interval' has_intervals "$1" 1
}

# finish FILE: stop it after all that happened until now is in FILE. A file's
# name comes one reading after its first fault at the latest.
finish() {
  wait_for 'the last interval' has_intervals "$1" $(($(intervals "$1") + 3))
  kill -INT "$pid"
  reap "$pid" || fail "ended with status $?"
  check_tables "$1" 1000000
}

# Set minor and major to what workload $1 on file $1 says of itself.
run_faults() {
  read -r _ minor major < <("$faults" "$1" "$scratch/$1")
}

load_cpus
start faults.out -f
wait_for 'intervals at that rate' has_intervals faults.out 3
run_faults private_write
written="$minor $major"
run_faults major_random
random="$minor $major"
finish faults.out
end_jobs

{ [ "${written%% *}" -ge 509 ] && [ "${random##* }" -ge 509 ]; } ||
  fail "the workloads did not fault: $written, $random"
# check NAME MINORS MAJORS: no more than these, and no less but for what was missed.
check() {
  local minors majors lack
  read -r minors majors < <(sum_rows faults.out "$scratch/$1")
  lack=$(($2 + $3 - minors - majors))
  echo "$1: $2 minor, $3 major; $minors, $majors in rows, $(missed faults.out) missed"
  [ $lack -ge 0 ] && [ $lack -le "$(missed faults.out)" ] &&
    [ "$minors" -le "$2" ] && [ "$majors" -le "$3" ] && [ $(($3 - majors)) -le $lack ] ||
    fail "$1: not what was caused"
}

# shellcheck disable=SC2086 # two words
check private_write $written
# shellcheck disable=SC2086 # two words
check major_random $random

# These exist already when bpfmem-top starts, so it sees them freed only. Hardly anyone
# else has any.
mkfifo go
"$objects" contexts 499 "$scratch" <go >objects.out &
exec 3>go
wait_for 'the contexts' grep -q created objects.out
start slab.out -s
echo >&3
wait_for 'their end' grep -q destroyed objects.out
finish slab.out
freed=$(sum_rows slab.out userfaultfd_ctx_cache)
[ $((${freed#* } - ${freed% *} + $(missed slab.out))) -ge 499 ] ||
  fail "userfaultfd_ctx_cache: allocated and freed: $freed, not 499 more freed"
