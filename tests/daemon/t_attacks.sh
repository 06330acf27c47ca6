#!/bin/bash
# SPDX-License-Identifier: MIT
# What others do on purpose, or by being odd, does not hide a file's faults, call
# them by another name or make them dear.
# Argument: "short", without the images of file systems, which need loop devices, and
# without times, which mean nothing in an emulated guest.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/paths.sh
. "$(dirname "$0")/paths.sh"
need_daemon
enter_mounts "$@"
enter_paths
many=$build/tests/workload/many

# begin OPTION...: page faults alone, of files below $scratch; the options are
# those of <PageFaults>.
begin() {
  rm -rf csv log
  want_minor=() want_major=()
  printf '%s\n' 'CollectSlab false' '<PageFaults>' "Hooks \"$hooks\"" \
    'SampleAbove 0' "File \"/^$scratch//\"" 'MaxSeries 1000' "$@" \
    '</PageFaults>' >options
  start <options
  need_hook
}

# faults_of PATH: all of its series, minor and major.
faults_of() {
  local series
  series=pagefault-$(label_of "$1")/ps_pagefaults
  echo $(($(last_of 1 "$series") + $(last_of 2 "$series")))
}

# Another user may not rename a file by mounting it where he likes, in a user
# namespace of his own: such a name lasts until a fault by a mount of the system's.
as_nobody() {
  ulimit -l unlimited 2>/dev/null || : # what mapped locks; 64 kB up to 5.15
  exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# map_as_nobody FILE: below evil, where he has mounted srv; its faults are in $minor
# and $major.
map_as_nobody() {
  read -r minor major < <(echo | as_nobody unshare -Urm sh -c \
    "mount --bind srv evil && exec ./mapped evil/$1" | sed 1d)
}

mounted_elsewhere() {
  local file=$marker-payroll
  say 'another user mounts a file elsewhere'
  chmod 755 .
  mkdir srv evil
  chmod 777 evil
  make_file "srv/$file"
  chmod 644 "srv/$file"
  cp "$mapped" mapped
  chmod 755 mapped
  begin
  map_as_nobody "$file"
  expect "$scratch/evil/$file" "$minor" "$major"
  await_faults
  [ "$(faults_of "$scratch/evil/$file")" -gt 0 ] || fail 'nobody could not mount it'
  see "$scratch/srv/$file" "srv/$file"
  await_faults
  map_as_nobody "$file"
  expect "$scratch/srv/$file" "$minor" "$major"
  finish_paths
}

# fill_ring DIR: as many files as their names have no room for, in the ring of names,
# between two reads.
fill_ring() {
  local step
  printf -v step '%200s' ''
  mkdir "$1"
  (cd "$1" && for _ in {1..17}; do
    mkdir "${step// /x}" && cd "${step// /x}"
  done && exec "$many" 331) >/dev/null
}

# While the ring has no room for the right name, the wrong one is not believed: faults of
# others on the file are in "other" until there is room.
no_room_for_its_name() {
  local stats=bpfmem-pagefault/derive-names_lost interval=4 file evil right reads tries
  say 'another user mounts a file elsewhere, and leaves no room for its name'
  begin
  for tries in 1 2 3; do
    file=$marker-ledger$tries
    evil=$scratch/evil/$file right=$scratch/srv/$file
    make_file "srv/$file"
    chmod 644 "srv/$file"
    map_as_nobody "$file"
    wait_for 'its name' has_reads "pagefault-$(label_of "$evil")/ps_pagefaults" 1
    nobody=$((minor + major)) reads=$(read_count $stats)
    wait_for 'a read' has_reads $stats $((reads + 1))
    fill_ring full$tries
    fault_as "$right" "srv/$file"
    # Else a read came in between, which made room.
    [ "$(read_count $stats)" -ne $((reads + 1)) ] || break
  done
  wait_for 'two reads' has_reads $stats $((reads + 3))
  say "$(last_of 1 $stats) names lost; of $nobody and $((minor + major)) faults" \
    "$(faults_of "$evil") are in the series of the one, $(faults_of "$right") of the other"
  [ "$(last_of 1 $stats)" -gt 0 ] || fail 'no name was lost'
  [ "$(faults_of "$evil")" -eq "$nobody" ] || fail "others' faults are under that name"
  fault_as "$right" "srv/$file"
  await_faults
  [ "$(faults_of "$right")" -eq $((minor + major)) ] || fail 'no name when there is room'
  stop
}

# again_and_again DIR SECONDS ARGUMENT...: until there is a file enough, every SECONDS,
# many with these arguments; the sum of its faults so far is the last line of DIR/sum.
again_and_again() {
  local sum=0 minor major
  cd "$1"
  until [ -e ../enough ]; do
    read -r _ minor major < <("$many" "${@:3}")
    sum=$((sum + minor + major))
    echo $sum >>sum
    sleep "$2"
  done
}

# Of the file that many fault on: its faults, and those in its series.
hot() {
  tail -n 1 hot/sum
}
in_series() {
  faults_of "$scratch/hot/many-0"
}

# has_hot FAULTS
has_hot() {
  [ -s hot/sum ] && [ "$(hot)" -ge "$1" ]
}
has_place() {
  [ -s hot/sum ] && [ "$(in_series)" -gt 0 ]
}

# More files than the table has room for, each with a fault or more in every read, do
# not keep out a file with many: it gets a place, and has it then.
crowded_out() {
  local before series crowd interval=1
  say 'many files are touched again and again'
  begin 'MaxTracked 64'
  mkdir crowd hot
  (again_and_again crowd 0.3 70) &
  crowd=$!
  (again_and_again hot 0.04 1 3) &
  wait_for 'a place' has_place
  before=$(hot) series=$(in_series)
  wait_for 'more faults' has_hot $((before + 401))
  : >enough
  wait $! $crowd
  await_faults
  say "a file with a place, after $before faults: $(($(hot) - before)) more, in its" \
    "series $(($(in_series) - series))"
  [ $(($(in_series) - series)) -ge $((($(hot) - before) / 2)) ] ||
    fail 'most of its faults are in "other"'
  stop
}

# Print the nanoseconds that programs of ours have run, by the kernel's own clock, and
# how often they were clocked.
clocked() {
  bpftool prog | awk '{ for (i = 1; i < NF; i++) {
      if ($i == "name") ours = $(i + 1) ~ /^pf_/
      if (ours && $i == "run_time_ns") time += $(i + 1)
      if (ours && $i == "run_cnt") runs += $(i + 1) } }
    END { printf "%d %d\n", time, runs }'
}

# clock DIR MAPPINGS: print the nanoseconds of such a program, at faults on 20 files in
# that directory by a process with so many more mappings: of several times the least, as
# a host may stop its guest in the middle of a program, for as long as all of them take.
clock() {
  local time runs time_before runs_before cost least=''
  for _ in 1 2 3 4 5; do
    read -r time_before runs_before < <(clocked)
    (cd "$1" && exec "$many" 20 60 "$2") >/dev/null
    read -r time runs < <(clocked)
    cost=$(((time - time_before) / (runs - runs_before)))
    [ -n "$least" ] && [ "$least" -le $cost ] || least=$cost
  done
  echo "$least"
}

# What a fault costs does not depend on how many mappings its process has (of 60,000,
# 13 ms were seen), be its file known or one whose name cannot be sent. Some more levels
# of a tree take some 100 ns: neither those nor chance are ten times as much.
made_dear() {
  local stats=bpfmem-pagefault/derive-names_lost known unknown reads tries interval=40
  say 'processes with 60,000 mappings'
  command -v bpftool >/dev/null || skip 'needs bpftool, for what programs cost'
  mkdir known
  begin
  wait_for 'a read' has_reads $stats 1
  echo 1 >/proc/sys/kernel/bpf_stats_enabled
  known=("$(clock known 0)" "$(clock known 60000)")
  # Until no read comes in between, which would make room for names.
  for tries in 1 2 3 4 5; do
    reads=$(read_count $stats)
    fill_ring deep$tries
    mkdir unknown$tries
    unknown=("$(clock unknown$tries 0)" "$(clock unknown$tries 60000)")
    [ "$(read_count $stats)" -ne "$reads" ] || break
  done
  echo 0 >/proc/sys/kernel/bpf_stats_enabled
  say "nanoseconds, of a known file: ${known[0]}, with 60000 mappings ${known[1]};" \
    "of one without a name: ${unknown[0]}, ${unknown[1]}"
  [ "${known[1]}" -le $((10 * known[0])) ] && [ "${unknown[1]}" -le $((10 * unknown[0])) ] ||
    fail 'much dearer'
  wait_for 'the next read' has_reads $stats $((reads + 1))
  [ "$(last_of 1 $stats)" -ge 20 ] || fail 'no name was lost'
  ! entities pagefault | grep "~unknown$tries~" || fail 'there was room for their names'
  stop
}

# faults_on_cpu CPU: on a file of its own; $on_file are counted there.
faults_on_cpu() {
  local minor major
  mkdir -p "cpu$1"
  on_file=$(faults_of "$scratch/cpu$1/many-0")
  read -r _ minor major < <(cd "cpu$1" && exec taskset $((1 << $1)) "$many" 1 211)
  await_faults
  on_file=$(($(faults_of "$scratch/cpu$1/many-0") - on_file))
  say "possible CPUs $list, CPU $1: faults $minor $major, on the file $on_file"
  [ $((minor + major)) -eq 211 ] || fail 'not what was asked for'
}

# all_on_file CPU: whether they are, once in three times, as one may be missed.
all_on_file() {
  for _ in 1 2 3; do
    faults_on_cpu "$1"
    [ "$on_file" -ne 211 ] || return 0
  done
  return 1
}

# Lists of CPUs with a hole, as arm64 has them, or shorter than they are, as the fakes
# of container runtimes: what happens on the others is counted all the same.
odd_cpus() {
  local list cpus=/sys/devices/system/cpu on_file
  grep -q '^0-' $cpus/online || skip 'needs two CPUs'
  for list in 1 0; do
    rm -rf cpu0 cpu1
    echo $list >list
    mount --bind list $cpus/possible
    mount --bind list $cpus/online
    begin
    all_on_file 0 || fail 'some of CPU 0 are not on their file'
    all_on_file 1 || fail 'some of CPU 1 are not on their file'
    umount $cpus/possible $cpus/online
    stop
  done
}

# make_image TYPE DIR IMAGE
make_image() {
  case $1 in
  ext4) mke2fs -q -t ext4 -d "$2" "$3" 16M ;;
  squashfs) mksquashfs "$2" "$3" -quiet -no-progress ;;
  erofs) mkfs.erofs -T0 "$3" "$2" ;;
  esac >/dev/null 2>&1
}

# Two images, mounted in turn on one device, where the kernel finds room for the one
# where it had the other, with files of the same inode number and generation. A read
# comes in between: until then a file may count as another whose file system, root and
# inode had the same addresses.
swap_images() {
  local type=$1 device which
  for which in one other; do
    mkdir -p "$type/$which" "content/$type.$which"
    make_file "content/$type.$which/$marker-$which"
    make_image "$type" "content/$type.$which" "$type.$which"
  done
  device=$(losetup -f)
  for _ in {1..8}; do
    for which in one other; do
      # Others may have a look at a device that is new to them, and hold it.
      wait_for "$device" losetup "$device" "$type.$which"
      mount -t "$type" -o ro "$device" "$type/$which"
      fault_as "$scratch/$type/$which/$marker-$which" "$type/$which/$marker-$which"
      umount "$type/$which"
      losetup -d "$device"
      await_faults
    done
  done
}

swapped_images() {
  local pair types=''
  for pair in ext4:mke2fs squashfs:mksquashfs erofs:mkfs.erofs; do
    ! grep -qw "${pair%:*}" /proc/filesystems ||
      ! command -v "${pair#*:}" >/dev/null || types+=" ${pair%:*}"
  done
  say "images of file systems on one loop device:$types"
  begin
  for pair in $types; do
    swap_images "$pair"
  done
  finish_paths
}

mounted_elsewhere
no_room_for_its_name
crowded_out
odd_cpus
if [ "${1-}" != short ]; then
  made_dear
  swapped_images
fi
