#!/bin/bash
# SPDX-License-Identifier: MIT
# Twenty processes that want one CPU make and free slab objects: hardly an event is
# missed, and as many objects are left as slabinfo says. The clock counts instructions:
# else a process has few of them before the next one's turn, and few turns end in a
# BPF program.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

in_guest "$1" -i -t 150 <<'END'
. /bpfmem/tests/daemon/lib.sh
enter_scratch
interval=0.5 processes=20 each=6007 running=()
cache=/sys/kernel/slab/filp

# Set what is counted and what slabinfo has.
look() {
  echo 1 >$cache/shrink
  await_reads slab-other/operations-alloc
  allocs=$(last_of 1 slab-filp/operations-alloc)
  frees=$(last_of 1 slab-filp/operations-free)
  missed=$(last_of 1 bpfmem-slab/derive-events_missed)
  all=$((allocs + frees + $(last_of 1 slab-other/operations-alloc) + \
    $(last_of 1 slab-other/operations-free)))
  read -r active per_slab < <(awk '$1 == "filp" { print $2, $5 }' /proc/slabinfo)
}

start <<CONF
  CollectPageFaults false
  <Slab>
    Cache "filp"
  </Slab>
CONF
look
allocs0=$allocs frees0=$frees missed0=$missed all0=$all active0=$active
for ((i = 0; i < processes; i++)); do
  "$objects" opens $each "$scratch" </dev/null >/dev/null &
  running+=($!)
done
wait "${running[@]}"
look
made=$((processes * each))
allocs=$((allocs - allocs0)) frees=$((frees - frees0)) missed=$((missed - missed0))
all=$((all - all0)) left=$((active - active0))
say "$made files: $allocs allocated, $frees freed, slabinfo has $left more; $missed of" \
  "$all events missed"
[ $((allocs + missed)) -ge $made ] && [ $((frees + missed)) -ge $made ] ||
  fail 'some are lost'
[ $((1000 * missed)) -le $all ] || fail 'more than 0.1 % are missed'
# To slabinfo a CPU's own slab (up to 6.19) or sheaf is active as a whole.
sheaf=$(cat $cache/sheaf_capacity 2>/dev/null || echo 0)
off=$((left - allocs + frees)) allowed=$((per_slab + 2 * sheaf + missed))
[ "${off#-}" -le $allowed ] || fail "that is off by $off, more than $allowed"
check_monotone
stop
END
