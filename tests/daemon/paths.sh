# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154 # what lib.sh has
# For tests of names: files under odd paths, what their series must be called
# and count. Sourced after lib.sh; see tests/workload/mapped.c.

mapped=$build/tests/workload/mapped
pages=97

# Mounts are made in a namespace of our own, and go with it.
enter_mounts() {
  [ -z "${BPFMEM_MOUNTS:-}" ] || return 0
  BPFMEM_MOUNTS=1 exec unshare -m "$0" "$@"
}

# As enter_scratch; what is mounted below is left at the end. All files are below
# $scratch, or have names that start with $marker, below the root of a container:
# by that the plugin is told to select them. busybox cannot remove deep paths.
enter_paths() {
  enter_scratch
  marker=${scratch##*/}
  marker=${marker/./-}
  trap 'cd /; kill -9 $(jobs -p) 2>/dev/null && wait 2>/dev/null
    cut -d " " -f 2 /proc/mounts | grep "^$scratch/" | sort -r |
      while read -r dir; do umount -l "$dir"; done
    rm -rf "$scratch" || :' EXIT
}

# What to select, too.
also=/none

start_paths() {
  start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    SampleAbove 0
    File "/^$scratch//"
    File "/^/$marker/"
    File "$also"
    MaxSeries 200
  </PageFaults>
END
  need_hook
}

# next_prime: the size of the next file, so that no two have the same counts.
next_pages() {
  local factor
  for ((pages += 2; ; pages += 2)); do
    for ((factor = 3; pages % factor; factor += 2)); do :; done
    [ "$factor" -ne "$pages" ] || return 0
  done
}

# make_file PATH: of a size of its own.
make_file() {
  next_pages
  head -c $((pages * 4096)) /dev/zero >"$1"
}

# The hash of a name: FNV-1a of 64 bits, its halves XORed.
hash_of() {
  local byte hash=$((0xcbf29ce484222325))
  for byte in $(printf %s "$1" | od -An -v -tu1); do
    hash=$(((hash ^ byte) * 0x100000001b3))
  done
  printf '%08x\n' $(((hash >> 32 ^ hash) & 0xffffffff))
}

# The label of a path, by the rule of collectd-bpfmem(5) and not by the code; also
# of one that is cut ("...tail").
label_of() {
  local body=${1#/} tail
  local classes='anon heap stack shmem hugetlb special unattributed other root'
  if [[ $body =~ ^[A-Za-z0-9._+/-]+$ && $body != *. && ${#body} -le 127 &&
    $1 = /* && " $classes " != *" $body "* ]]; then
    label "$1"
    return
  fi
  [[ $1 = /* ]] || body=${1#...}
  tail=$body
  while [ ${#tail} -gt 118 ] && [[ $tail = */* ]]; do tail=${tail#*/}; done
  [ ${#tail} -le 118 ] || tail=${tail: -118}
  printf '%s@%s\n' "$(printf %s "$tail" |
    tr -c 'A-Za-z0-9._+/-' _ | tr / '~')" "$(hash_of "$1")"
}

declare -A want_minor want_major

# expect PATH MINFLT MAJFLT: in the series of PATH, beside what is there.
expect() {
  local label
  label=$(label_of "$1")
  want_minor[$label]=$((${want_minor[$label]:-0} + $2))
  want_major[$label]=$((${want_major[$label]:-0} + $3))
}

# open_map ARGUMENT...: start the program mapped; it keeps the file mapped until
# close_map. The area is $area, as in /proc/PID/map_files.
open_map() {
  coproc MAPPED { exec "$mapped" "$@"; }
  # shellcheck disable=SC2153 # bash sets it
  mapped_in=${MAPPED[1]} mapped_out=${MAPPED[0]} mapped_pid=$MAPPED_PID
  read -r _ area <&"$mapped_out" || fail "cannot map ${*: -1}"
  area=/proc/$mapped_pid/map_files/$area
}

# Fault on all of it; the counts are in $minor and $major.
fault() {
  echo >&"$mapped_in"
  read -r minor major <&"$mapped_out" || fail 'mapped has died'
}

close_map() {
  exec {mapped_in}>&-
  wait "$mapped_pid" || fail 'mapped failed'
}

# What the kernel calls it, nothing if that is longer than a page.
kernel_name() {
  readlink "$area" 2>/dev/null || :
}

# see PATH ARGUMENT...: map and fault; PATH is what both the kernel and the
# series must call it.
see() {
  local path=$1 name
  shift
  open_map "$@"
  fault
  name=$(kernel_name)
  [ "$name" = "$path" ] || [ -z "$name" ] || fail "the kernel says $name"
  [ -n "$name" ] || [ ${#path} -ge 4000 ] || fail "no name of $path"
  close_map
  expect "$path" "$minor" "$major"
}

# fault_as PATH ARGUMENT...: fault on a file that must count as PATH.
fault_as() {
  local path=$1
  shift
  open_map "$@"
  fault
  close_map
  expect "$path" "$minor" "$major"
}

# Print the last values of the series with label $1, and what it lost on the way.
series_of() {
  lines "pagefault-$1/ps_pagefaults" | awk -F, '
    $2 < minor { lost += minor - $2 }
    $3 < major { lost += major - $3 }
    { minor = $2; major = $3 }
    END { print minor + 0, major + 0, lost + 0 }'
}

check_series() {
  local label minor major lost lack sum=0 missed
  missed=$(missed)
  for label in "${!want_minor[@]}"; do
    read -r minor major lost < <(series_of "$label")
    say "$label: ${want_minor[$label]} ${want_major[$label]}"
    lack=$((want_minor[$label] + want_major[$label] - minor - major))
    sum=$((sum + lack))
    [ "$minor" -le "${want_minor[$label]}" ] &&
      [ "$major" -le "${want_major[$label]}" ] &&
      [ $lack -le "$missed" ] || wrong "$label: series has $minor $major"
    [ "$lost" -eq 0 ] || wrong "$label: went back by $lost"
  done
  [ "$sum" -le "$missed" ] || wrong "$sum faults are not where they should be"
  for label in $(entities pagefault | grep -F "$marker" | grep -vF .warm); do
    [ -n "${want_minor[$label]:-}" ] || wrong "a series too many: $label"
  done
}

# Go on, so that one run shows all that is wrong.
faulty=''
wrong() {
  say "WRONG $*" >&2
  faulty=yes
}

# All that was expected, and no other series of these files.
finish_paths() {
  await_faults
  check_series
  [ -z "$faulty" ] || fail "see above (hook $hook)"
  stop
}
