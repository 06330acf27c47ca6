#!/bin/bash
# SPDX-License-Identifier: MIT
# What hurts most is the first row: a file that waits for the disk, among busier ones; a
# cache that grows. And what -k and -F choose is what is shown.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch

# first_row FILE: its name, of the last table.
first_row() {
  awk '$NF == "FILE" || $NF == "CACHE" { columns = NF; row = NR + 1 }
    NR == row { name = $columns } END { print name }' "$1"
}

# While it counts, others are busier with faults that do not wait.
mkfifo hold
exec 3<>hold
for i in 1 2 3 4; do
  while :; do "$faults" private_write "$scratch/busy.$i" >/dev/null; done &
done
while :; do "$faults" major_random "$scratch/waits" >/dev/null; done &
# Nobody else on the machine may wait more in these three seconds.
for tries in 1 2 3 4 5; do
  "$top" -f -n 3 3 1 >faults.out
  [ "$(first_row faults.out)" != "$scratch/waits" ] || break
  echo "try $tries: $(cat faults.out)"
done
[ "$(first_row faults.out)" = "$scratch/waits" ] || fail 'the file that waits is never the first row'
"$top" -f -e -k events -n 1000000 1 1 >events.out
awk '$4 ~ /^[[/]/ && $1 ~ /^[0-9]+$/ { events = $1 + $2
    if (rows++ && events > last) bad = 1
    last = events }
  END { exit bad || rows < 3 }' events.out || fail "not by events: $(cat events.out)"

"$top" -f -e -k name -F "^$scratch/(busy|no)" -n 1000000 1 1 >filter.out
rows=$(grep -c "$scratch/busy" filter.out)
[ "$rows" -ge 4 ] && [ "$(wc -l <filter.out)" -eq $((rows + 4)) ] ||
  fail "more or less than what matches: $(cat filter.out)"
grep "$scratch/busy" filter.out | sort -k 4 -c || fail "not by name: $(cat filter.out)"
awk '$4 == "total," { exit !($1 == minor && $2 == major) }
  $4 ~ /busy/ { minor += $1; major += $2 }' filter.out ||
  fail "the total is not of what matches: $(cat filter.out)"
end_jobs

# Objects of a cache that hardly anybody else has: more than a MiB of them.
cache=userfaultfd_ctx_cache
# Objects in use, and bytes, by the kernel.
in_use() {
  awk -v name=$cache -v page="$(getconf PAGESIZE)" \
    '$1 == name { print $2, $15 * $6 * page }' /proc/slabinfo
}
ulimit -n 20000
read -r _ least < <(in_use)
start_verbose growth.out -s -e -n 1000000 0.5
pid=$!
wait_for 'the first interval' has_intervals growth.out 1
read -r _ most < <(in_use)
"$objects" contexts 8009 "$scratch" <hold >made &
wait_for 'the objects' grep -q created made
wait_for 'their interval' has_intervals growth.out $(($(intervals growth.out) + 2))
kill -INT $pid
reap $pid || fail "ended with status $?"
check_tables growth.out 1000000
read -r objects growth held < <(awk -v name=$cache '$6 == name { found = $3 " " $4 " " $5 }
  END { print found }' growth.out)
echo "$cache: $objects objects, grew by $growth from $least to $most, to $held bytes; \
slabinfo: $(in_use)"
[ "$objects $held" = "$(in_use)" ] || fail 'not what the kernel says'
[ "$growth" -ge 1048576 ] || fail 'no growth'
# Before it started others may have had some, where the cache is a merged one.
[ $((least < most ? least : most)) -le $((held - growth)) ] &&
  [ $((least < most ? most : least)) -ge $((held - growth)) ] ||
  fail 'not the growth'

# All that grew as much come before all that are only busy.
awk '$NF == "CACHE" { small = 0 }
  NF >= 6 && $4 ~ /^-?[0-9]+$/ && $6 !~ /^(other|total,)$/ {
    if ($4 < 1048576) small = 1; else if (small) exit 1 }' growth.out ||
  fail 'growth is not first'

# At rest: what is held, by slabinfo, in the order of -k held.
"$top" -s -e -k held -n 5 0.2 1 >held.out
awk '$1 ~ /^[0-9]+$/ && $6 !~ /^(other|total,)$/ {
    if (rows++ && $5 > last) bad = 1
    last = $5 }
  END { exit bad || rows != 5 }' held.out || fail "not by what is held: $(cat held.out)"
largest=$(awk -v page="$(getconf PAGESIZE)" 'NR > 2 && $15 * $6 * page > most {
  most = $15 * $6 * page; name = $1 } END { print name }' /proc/slabinfo)
[ "$(first_row held.out)" = "$largest" ] || fail "$largest holds most: $(cat held.out)"
