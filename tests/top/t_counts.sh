#!/bin/bash
# SPDX-License-Identifier: MIT
# What a file's rows sum to over all intervals is what getrusage() says, and a
# cache that frees is shown, too.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch

# finish FILE: stop bpfmem-top after all that happened until now is in FILE. A
# file's name comes one reading after its first fault at the latest.
finish() {
  wait_for 'the last interval' has_intervals "$1" $(($(intervals "$1") + 3))
  kill -INT $!
  wait $! || fail "ended with status $?"
}

# Set minor and major to what workload $1 on file $1 says of itself.
run_faults() {
  read -r _ minor major < <("$faults" "$1" "$scratch/$1")
}

set -m # else SIGINT would be ignored in the background
"$top" -f -n 1000000 0.2 >faults.out &
wait_for 'the first interval' has_intervals faults.out 1
run_faults private_write
written="$((minor + major)) $major"
run_faults major_random
random="$((minor + major)) $major"
finish faults.out
check_tables faults.out 1000000

[ "${written%% *}" -ge 509 ] && [ "${random##* }" -ge 509 ] ||
  fail "the workloads did not fault: $written, $random"
found=$(sum_rows faults.out "$scratch/private_write")
[ "$found" = "$written" ] || fail "private_write: $found, not $written"
found=$(sum_rows faults.out "$scratch/major_random")
[ "$found" = "$random" ] || fail "major_random: $found, not $random"

# UNIX sockets exist already when bpfmem-top starts, so it sees them freed only,
# unless another program creates some just then: hence "at least".
mkfifo go
"$objects" sockets 499 "$scratch" <go >objects.out &
exec 3>go
wait_for 'the sockets' grep -q created objects.out
"$top" -s -n 1000000 0.2 >slab.out &
wait_for 'the first interval' has_intervals slab.out 1
exec 3>&-
wait_for 'their end' grep -q destroyed objects.out
finish slab.out
check_tables slab.out 1000000
freed=$(sum_rows slab.out sock_inode_cache)
[ $((${freed#* } - ${freed% *})) -ge 499 ] ||
  fail "sock_inode_cache: allocated and freed: $freed, not 499 more freed"
