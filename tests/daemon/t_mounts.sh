#!/bin/bash
# SPDX-License-Identifier: MIT
# On every kind of file system a file's series is its path and what getrusage()
# says of the faults on it. /dev/extra is a disk that may be overwritten; where
# there is none, a file takes its place.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/paths.sh
. "$(dirname "$0")/paths.sh"
need_daemon
enter_mounts "$@"
enter_paths
start_paths

# fault_in DIR WORKLOAD...
fault_in() {
  local dir=$1 name minor major
  shift
  mkdir -p "$dir"
  for name; do
    read -r _ minor major < <("$faults" "$name" "$dir/$marker-$name")
    expect "$(realpath "$dir")/$marker-$name" "$minor" "$major"
  done
}

on_disk=(private_read private_write shared_write major_random)

tmpfs() {
  mkdir tmpfs
  mount -t tmpfs none tmpfs
  fault_in tmpfs private_read shared_read private_write shared_write
}

# format TYPE: an empty file system, mounted on a directory of that name.
format() {
  local disk=/dev/extra
  [ -b $disk ] || {
    disk=$scratch/disk.$1
    truncate -s 400M "$disk"
  }
  mkdir "$1"
  "mkfs.$1" -q -f "$disk"
  ! mount -t "$1" "$disk" "$1" || return 0
  # xfsprogs makes by default what 5.10 cannot mount (6.5).
  [ "$1" = xfs ] && mkfs.xfs -q -f -i nrext64=0 "$disk" && mount -t xfs "$disk" xfs
}

xfs() {
  format xfs
  fault_in xfs "${on_disk[@]}"
  umount xfs
}

# Files of different subvolumes are told apart by the transaction that made
# them. A snapshot has the same number and transaction: the file is counted with
# the original, under the name that was seen first.
btrfs() {
  local file=$marker-file
  format btrfs
  fault_in btrfs "${on_disk[@]}"
  command btrfs -q subvolume create btrfs/a
  make_file "btrfs/a/$file"
  sync btrfs/a
  command btrfs -q subvolume create btrfs/b
  make_file "btrfs/b/$file"
  sync btrfs/b
  [ "$(stat -c %i "btrfs/a/$file")" = "$(stat -c %i "btrfs/b/$file")" ] ||
    fail 'files of new subvolumes have different inode numbers'
  see "$scratch/btrfs/a/$file" "btrfs/a/$file"
  see "$scratch/btrfs/b/$file" "btrfs/b/$file"
  command btrfs -q subvolume snapshot btrfs/a btrfs/c
  fault_as "$scratch/btrfs/a/$file" "btrfs/c/$file"
  umount btrfs
}

# mount_overlay NAME: with the directories lower, NAME.upper and NAME.work.
mount_overlay() {
  mkdir -p lower "$1" "$1.upper" "$1.work"
  mount -t overlay none -o \
    "lowerdir=lower,upperdir=$1.upper,workdir=$1.work" "$1"
}

# Opening a file to write copies it up, to another inode of the same path.
overlay() {
  local file=merged/$marker
  mkdir lower
  for name in low early late root; do
    make_file "lower/$marker-$name"
  done
  mount_overlay merged
  fault_in merged "${on_disk[@]}"
  see "$scratch/$file-low" "$file-low"
  make_file "$file-new"
  see "$scratch/$file-new" "$file-new"
  echo x >>"$file-early"
  see "$scratch/$file-early" "$file-early"
  open_map "$file-late"
  fault
  expect "$scratch/$file-late" "$minor" "$major"
  echo x >>"$file-late"
  fault
  expect "$scratch/$file-late" "$minor" "$major"
  close_map
  see "$scratch/$file-late" "$file-late"
  # The file below is the same file, which has a name already.
  fault_as "$scratch/$file-low" "lower/$marker-low"
  # Two containers of one image.
  mount_overlay second
  for name in merged second; do
    fault_as "/$marker-root" -p "$scratch/$name" "/$marker-root"
  done
}

lacking=''
for type in tmpfs overlay xfs btrfs; do
  if ! grep -qw $type /proc/filesystems; then
    lacking="$lacking, $type"
  elif [ $type = xfs ] || [ $type = btrfs ] && ! command -v mkfs.$type \
    >/dev/null; then
    lacking="$lacking, mkfs.$type"
  else
    say "$type"
    $type
  fi
done
fault_in ext4 "${on_disk[@]}"
finish_paths
[ -z "$lacking" ] || skip "not here: ${lacking#, }"
