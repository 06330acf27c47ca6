#!/bin/bash
# SPDX-License-Identifier: MIT
# A file's series is named after the path that the kernel itself gives it, and
# keeps its counts, wherever the file is and whatever becomes of it.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/paths.sh
. "$(dirname "$0")/paths.sh"
need_daemon
enter_mounts "$@"
enter_paths
# shellcheck disable=SC2034 # for start_paths
also="/^[.]{3}.*/$marker-file$/"
start_paths

plain=$scratch/$marker-plain
make_file "$plain"
see "$plain" "$plain"

# A path of directories whose names are $1, at least $2 bytes, made and entered
# in steps, as no call takes it whole.
enter_deep() {
  local step=$1
  deep=$scratch/$marker-${1:0:9}
  mkdir "$deep" && cd "$deep"
  while [ ${#step} -lt $((($2 - ${#deep}) / 3)) ]; do step=$step/$1; done
  while [ ${#deep} -lt "$2" ]; do
    deep=$deep/$step
    mkdir -p "$step"
    cd "./$step" 2>/dev/null
  done
}

# see_deep COMPONENT LENGTH: what is longer than the kernel shows is known here.
see_deep() {
  local name=$marker-file
  enter_deep "$@"
  make_file "$name"
  say "a path of $((${#deep} + 1 + ${#name})) bytes"
  see "$(kept_of "$deep/$name")" "$name"
  cd "$scratch"
}

# What is kept of a path: components from the last one, until they and their NULs
# have 7168 bytes or more.
kept_of() {
  local rest=$1 tail=''
  [ ${#rest} -ge 7168 ] || tail=$rest rest=''
  while [ ${#tail} -lt 7168 ] && [ -n "$rest" ]; do
    tail=/${rest##*/}$tail rest=${rest%/*}
  done
  [ -z "$rest" ] || tail=...${tail#/}
  printf '%s\n' "$tail"
}

printf -v long '%200s' ''
see_deep component 127
see_deep dir 2000
see_deep "${long// /x}" 4500
see_deep a 4080
see_deep "${long// /y}" 9000

mkdir bound tree tree/below
mount --bind tree bound
make_file "tree/$marker-bound"
see "$scratch/bound/$marker-bound" "bound/$marker-bound"

mount -t tmpfs none tree/below
mkdir tree/below/inner
mount -t tmpfs none tree/below/inner
make_file "tree/below/inner/$marker-nested"
see "$scratch/tree/below/inner/$marker-nested" -r \
  "tree/below/inner/$marker-nested"
: >"tree/$marker-onfile"
make_file "$marker-origin"
mount --bind "$marker-origin" "tree/$marker-onfile"
see "$scratch/tree/$marker-onfile" "tree/$marker-onfile"

# In a plain chroot it is the whole path, as a reader outside sees it; in a
# container it is the container's own.
mkdir -p "jail/$marker-dir"
make_file "jail/$marker-dir/file"
see "$scratch/jail/$marker-dir/file" -c "$scratch/jail" "/$marker-dir/file"
mkdir -p "image/$marker-opt" image2
make_file "image/$marker-opt/file"
fault_as "/$marker-opt/file" -p "$scratch/image" "/$marker-opt/file"
# Another container with a file of the same path: the same series.
cp -r "image/$marker-opt" image2
fault_as "/$marker-opt/file" -p "$scratch/image2" "/$marker-opt/file"

# A removed file keeps its path; for the kernel it is " (deleted)".
gone=$scratch/$marker-gone
make_file "$gone"
open_map "$gone"
rm "$gone"
fault
[ "$(kernel_name)" = "$gone (deleted)" ] || fail "the kernel: $(kernel_name)"
close_map
expect "$gone" "$minor" "$major"

# Renamed while it is known: the old name stays.
old=$scratch/$marker-old
make_file "$old"
open_map "$old"
fault
expect "$old" "$minor" "$major"
mv "$old" "$scratch/$marker-new"
fault
expect "$old" "$minor" "$major"
close_map
fault_as "$old" "$scratch/$marker-new"

# Renamed before its first fault: the new name.
make_file "$scratch/$marker-early"
open_map "$scratch/$marker-early"
mv "$scratch/$marker-early" "$scratch/$marker-late"
fault
expect "$scratch/$marker-late" "$minor" "$major"
close_map

# Replaced, as an upgrade does: the path is the series, for the old file, which
# is still mapped, and for the new one.
lib=$scratch/$marker-lib.so
make_file "$lib"
open_map "$lib"
fault
expect "$lib" "$minor" "$major"
make_file "$lib.tmp"
mv "$lib.tmp" "$lib"
fault
expect "$lib" "$minor" "$major"
close_map
see "$lib" "$lib"

# Removed and made anew, often with the same inode number.
for _ in 1 2 3; do
  rm "$lib"
  make_file "$lib"
  see "$lib" "$lib"
done

# Truncated and written again: the same file.
cut=$scratch/$marker-cut
make_file "$cut"
open_map "$cut"
fault
expect "$cut" "$minor" "$major"
truncate -s 0 "$cut"
head -c $((pages * 4096)) /dev/zero >>"$cut"
fault
expect "$cut" "$minor" "$major"
close_map

# Hard links: the name by which it was seen first.
link=$scratch/$marker-link
make_file "$link.a"
ln "$link.a" "$link.b"
see "$link.b" "$link.b"
fault_as "$link.b" "$link.a"

# Paths that differ only in bytes that labels do not have.
mkdir "$marker-x"
for name in 'x/a b' 'x/a_b' 'x/a~b' 'x~a_b' 'x/a?b'; do
  make_file "$marker-$name"
  see "$scratch/$marker-$name" "$marker-$name"
done

# Without a name, by O_TMPFILE: the kernel calls them after their inode numbers;
# the series is that of all of a directory.
mkdir "$marker-tmp"
for _ in 1 2; do
  fault_as "$scratch/$marker-tmp/#" -t "$marker-tmp"
done

# A memfd is a class, whatever it is called; so no series has its name.
open_map -m "$marker-memfd"
fault
close_map
[ "$minor" -eq 211 ] || fail "memfd: $minor minor faults"

finish_paths
[ "$(last_of 1 pagefault-shmem/ps_pagefaults)" -ge 211 ] ||
  fail 'the memfd is not in shmem'
