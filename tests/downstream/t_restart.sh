#!/bin/bash
# SPDX-License-Identifier: MIT
# Another configuration by a restart, and a restart after kill -9: RRD and whisper
# go on in the same files, have the events of each life to the event, nothing for
# the time in between, and lack no more than what happened after the last read.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/downstream/servers.sh
. "$(dirname "$0")/servers.sh"
need rrdtool rrdtool
need rrdcached rrdcached
need carbon-cache graphite-carbon
need_python whisper graphite-carbon
mapped=$build/tests/workload/mapped
enter_scratch

# More than the step of 1 s, so that no two reads share one.
interval=1.5
# shellcheck disable=SC2034 # of write_config
writers="$(rrd_writers)
$graphite_writers"
start_rrdcached
start_carbon
mkdir files

# What is worked on, beside a file that only the first configuration shows, or one
# that only the second does.
hostile=($'new\nline' 'same?' 'same*' $'cut\xe2\x82' '%s%n')
deep=libc.so.6

# live FILE MAX: start a collectd which shows that file, and not the other; what it
# sends is what the work causes. RRD and whisper keep one value per second, and the first of a
# life must not fall into that of the last before it.
begins=()
live() {
  readable=("$1" 'UPPER.Case+plus-minus' sub/dir)
  wait_for 'the next second' last_is_over
  rm -f log
  begins+=("$EPOCHREALTIME")
  start < <(select_work "$cache" "^$scratch/files/($1|.*[^mt])$" "$2")
  [ "$1" = first ] || fault_on first private_write >/dev/null
  send_work
  cp sent "sent.${#begins[@]}"
}

last_is_over() {
  local last
  last=$(cat "csv/$host"/{pagefault,slab}-other/* 2>/dev/null | grep '^[0-9]' |
    cut -d. -f1 | sort -n | tail -n 1)
  [ "$(date +%s)" -gt $((${last:-0} + 1)) ]
}

# Of this life only.
read_sent() {
  "$python" "$here/read_csv.py" "csv/$host" "${begins[-1]}"
}

# Fault on a file without an end; "TIME COUNT" of each time: how many by then.
keep_faulting() {
  local count=0 minor major
  coproc "$mapped" files/killed
  read -r _ <&"${COPROC[0]}"
  while sleep 0.02; do
    echo >&"${COPROC[1]}"
    read -r minor major <&"${COPROC[0]}"
    count=$((count + minor + major))
    echo "$EPOCHREALTIME $count"
  done
}

# caused_until TIME: how many faults steps has.
caused_until() {
  awk -v until="$1" '$1 <= until { count = $2 } END { print count + 0 }' steps
}

live first 100
stop
live next 30

# Killed while faults go on: csv lacks what came after its last read, and that was
# not long before.
killed=pagefault-$(label "$scratch/files/killed")/ps_pagefaults
head -c $((211 * $(getconf PAGESIZE))) /dev/zero >files/killed
keep_faulting >steps &
faulting=$!
has_much_to_lose() {
  local sent
  read -r minor major <<<"$(last "$killed")"
  sent=$((minor + major))
  [ "$sent" -gt 0 ] && [ "$(caused_until "$EPOCHREALTIME")" -gt $((sent + 1009)) ]
}
wait_for 'faults to lose' has_much_to_lose
kill -9 "$collectd"
at=$EPOCHREALTIME
ended_with 137 2>/dev/null
kill $faulting
IFS=, read -r last minor major < <(lines "$killed" | tail -n 1)
since=$(awk -v a="$last" -v b="$at" 'BEGIN { printf "%.2f\n", b - a }')
# csv rounds times to the millisecond: what happened in the last one may be of later.
last=$(awk -v last="$last" 'BEGIN { printf "%.3f\n", last - 0.001 }')
say "killed $since s after the last read: $((minor + major)) faults" \
  "sent, of $(caused_until "$last") until then and $(caused_until "$at") in all"
missed=$(missed)
[ $((minor + major + missed)) -ge "$(caused_until "$last")" ] ||
  fail 'what happened before the last read is lost'
[ $((minor + major)) -le "$(caused_until "$at")" ] || fail 'more than was caused'
# The last read may have been on its way: of those that any series has, it is the only one.
later=$(cat "csv/$host"/{pagefault,bpfmem-pagefault}*/* | awk -F, -v last="$last" '
  $1 > last + 0.002 && !seen[$1]++ { reads++ } END { print reads + 0 }')
[ "$later" -le 1 ] || fail "$later reads are lost"

live first 100
stop

# matches KIND DIR: wait until it has what csv has, value by value.
matches() {
  wait_for "$2 to be what csv has" has "$@"
  cat found
}
has() {
  "$python" "$here/check_restart.py" "$@" "csv/$host" "${begins[@]}" >found \
    2>found.log
}
matches rrd "rrd/$host"
matches counts whisper/counts
matches rates whisper/rates
RRDCACHED_ADDRESS=unix:$scratch/rrdcached.sock matches peaks "cached/$host"

# Not from csv: what was caused, and what the rates add up to.
adds_up() {
  "$python" "$here/read_rrd.py" "$1" "${begins[0]%.*}" | grep -v "^${killed%/*} " |
    counts_only >far
  cmp -s all_sent far || fail "$1: $(diff all_sent far)"
  say "$1: $(wc -l <far) series, all counts as caused"
}
awk '{ a[$1] += $2; b[$1] += $3 } END { for (i in a) print i, a[i], b[i] }' sent.* |
  sort >all_sent
adds_up "rrd/$host"
RRDCACHED_ADDRESS=unix:$scratch/rrdcached.sock adds_up "cached/$host"
