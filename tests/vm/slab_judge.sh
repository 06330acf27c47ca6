# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Part of slab.guest.sh: whether what a daemon has of a row of the table is right.

# By name of a cache in slabinfo, now and at first: what slabinfo says, and (shared)
# whether it has other names; by daemon, cache and series: its values; by daemon: the
# entry points that it does not count.
declare -A name shared active active0 perslab sheaf value value0 uncounted

# Set change to what series $3 of cache $2 has grown by, for daemon $1.
grown() {
  local key=$1/$2/$3
  change=$((${value[$key]:-0} - ${value0[$key]:-0}))
}

# Whether daemon $1 counts all of the entry points $2; "-" is none.
counts() {
  local entry
  for entry in ${2//,/ }; do
    [[ " ${uncounted[$1]} " != *" ${entry%!} "* ]] || return 1
  done
}

# within NUMBER LEAST MOST
within() {
  [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
}

# Where a task may be preempted in an fexit program, a call of a bulk free that BPF skips
# is one event missed and up to 500 objects. The hook fexit, which must be asked for
# there, is not held to them.
preempts=''
! grep -qw resched_curr_lazy /proc/kallsyms || preempts=1
skips_bulks() {
  [[ $daemon == fexit && $1 == *bfree* && -n $preempts ]]
}

# fits NUMBER LEAST MOST ENTRIES: whether a daemon that does not see ENTRIES may
# have that of LEAST to MOST. No more may lack than it missed, of any cache.
fits() {
  if skips_bulks "$4"; then
    within "$1" 0 "$3"
  elif counts "$daemon" "$4"; then
    within "$1" $(($2 - missed)) "$3"
  elif [[ $4 == *! && $2 -gt 0 ]]; then
    within "$1" 0 $(($2 - 1))
  else
    within "$1" 0 "$3"
  fi
}

# As many came as the workload made, and all of them went.
is_exact() {
  fits "$allocs" "$least" "$most" "$allocs_by" || return 1
  if [ "$phase" = created ]; then
    fits "$frees" 0 $((most - least)) "$frees_by"
  else
    fits "$frees" "$least" "$most" "$frees_by"
  fi
}

# At least as many came and went.
is_enough() {
  fits "$allocs" "$least" $((1 << 60)) "${allocs_by%!}" || return 1
  [ "$phase" = created ] ||
    fits "$frees" "$least" $((1 << 60)) "${frees_by%!}"
}

# Up to 6.19 slabinfo takes a CPU's own slab for active as a whole: less than a
# slab for each CPU. Other programs that are running use no more, of which it sees
# some that we do not yet: in a cache that is theirs, too, both may come together.
# What BPF skipped may be of this cache. Objects that kfree_rcu() has put in a CPU's
# sheaf (6.18) are freed for us and active for slabinfo, until the sheaf is full and
# a grace period over.
is_as_in_slabinfo() {
  local allowed=$(($(nproc) * perslab[$cache])) waiting=0
  [ -n "$most" ] || allowed=$((2 * allowed))
  allowed=$((allowed + missed))
  [[ $frees_by != *rcu* ]] || waiting=$((2 * $(nproc) * sheaf[$cache]))
  [ -z "$complete" ] || { within "$off" $((-allowed)) $((allowed + waiting)); }
}

# Whether a daemon misses at most three of a thousand events: those of an interrupt that
# finds a program running, and what bpf() keeps from kprobes. An emulated guest spends a
# good part of its time in programs, and RCU frees hundreds of objects in one interrupt:
# 552 of 355 thousand were seen. Classic programs of all daemons run one after the other
# under one guard, which hides as much more.
misses_little() {
  # shellcheck disable=SC2086,SC2154 # words that slab.guest.sh has
  set -- $daemons
  [ $((1000 * ${value[$daemon/bpfmem-slab/derive-events_missed]:-0})) -le \
    $((3 * $# * ${value[$daemon/all/events]:-0})) ]
}

# Up to 6.6 the kernel does not tell what kprobes miss: events of an interrupt that finds
# a kprobe's handler running. Two of a million were seen, on a machine with more guests
# than processors; ten are let pass.
tells_all=''
! is_kernel_from 6.7 || tells_all=1

# Set missed to what daemon $1 has missed.
count_missed() {
  grown "$1" bpfmem-slab derive-events_missed && missed=$change
  [ "$1" != kprobe ] || [ -n "$tells_all" ] ||
    missed=$((missed + ${value[$1/all/events]:-0} / 100000))
}

# judge PHASE DAEMON ROW: whether the numbers are right; sets verdict.
judge() {
  local phase=$1 daemon=$2 kind cache expected allocs_by frees_by
  local least most allocs frees missed off complete=1
  read -r kind _ cache expected allocs_by frees_by <<<"$3"
  [[ $frees_by == *! ]] || frees_by+=,free
  least=${expected%,*} most=${expected#*,}
  [ -z "${shared[$cache]-}" ] || most=''
  # The cache of a bare pointer is not known on arm64 before the kfunc (6.13):
  # neither are bulk frees, which others may do in a cache that is shared.
  [[ "$cache ${name[$cache]}" != *kmalloc-* ]] ||
    allocs_by=kmalloc,$allocs_by frees_by=kmalloc,$frees_by
  [ -n "$most" ] || counts "$daemon" kmalloc || complete=''
  cache=${name[$cache]}
  grown "$daemon" "$cache" operations-alloc && allocs=$change
  grown "$daemon" "$cache" operations-free && frees=$change
  count_missed "$daemon"
  counts "$daemon" "$allocs_by" && counts "$daemon" "$frees_by" || complete=''
  ! skips_bulks "$frees_by" || complete=''
  off=$((active[$cache] - active0[$cache] - allocs + frees))
  verdict="$daemon: $kind $phase, $least to ${most:-any} of $cache: allocs"
  verdict+=" $allocs, frees $frees, missed $missed of"
  verdict+=" $((${value[$daemon/all/events]:-0} / 1000)) thousand, slabinfo off by $off"
  [ -n "$complete" ] || verdict+=' (not all counted)'
  [[ $daemon/$allocs_by != kprobe/*nlalloc* || $missed -ge $least ]] || return 1
  misses_little || return 1
  if [ -n "$most" ]; then is_exact; else is_enough; fi && is_as_in_slabinfo
}
