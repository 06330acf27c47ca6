# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by contrib/quickstart and tests/run: messages, and a build of this tree
# that leaves nothing in it.

say() {
  printf '%s\n' "$*"
}

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Where builds and downloads survive from one run to the next.
cache_dir() {
  local home=~
  local dir=${BPFMEM_CACHE:-${XDG_CACHE_HOME:-$home/.cache}/bpfmem}/$1
  mkdir -p "$dir"
  printf '%s\n' "$dir"
}

# A name for the tree at $1: two clones do not share a build.
tree_id() {
  printf '%s' "$1" | cksum | cut -d' ' -f1
}

# Run a command; show (the end of) what it prints only if it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  [ $status -eq 0 ] || tail -n 100 "$log" >&2
  rm -f "$log"
  return $status
}

# Print what a shell's programs have taken of a processor, by the output of its `times`:
# the second line, as in 1m2.3s 0m4.5s.
processor_seconds() {
  awk -F '[ms ]+' 'NR == 2 { printf "%d", 60 * ($1 + $3) + $2 + $4 }' "$1"
}

# Print the names of the source files at $1: all that autoreconf, configure and
# make have not left there.
list_sources() {
  (cd "$1" && find . \( -name .git -o -name .deps -o -name .libs -o \
    -path ./aarch64 -o -path ./compilers -o -path ./build-aux -o -path ./autom4te.cache \) -prune -o -type f \
    ! -name '*.o' ! -name '*.lo' ! -name '*.la' ! -name '*.skel.h' \
    ! -name '*.log' ! -name '*.trs' ! -name .dirstamp ! -path './m4/l*.m4' \
    ! -path ./Makefile ! -path ./Makefile.in ! -path ./aclocal.m4 \
    ! -path './config*' ! -path ./libtool -print && echo ./configure.ac)
}

# Make $2 a copy of the sources at $1, so that a tree can be built that is
# configured in place or belongs to somebody else. What has not changed is left
# alone, what has is new, whatever its time in $1 is: make goes by that.
copy_sources() {
  local src=$1 copy=$2 file
  mkdir -p "$copy"
  while IFS= read -r file; do
    [ -e "$src/$file" ] || rm -f "$copy/$file"
  done < <(list_sources "$copy")
  while IFS= read -r file; do
    cmp -s "$src/$file" "$copy/$file" || {
      mkdir -p "$copy/${file%/*}"
      cp --preserve=mode "$src/$file" "$copy/$file"
    }
  done < <(list_sources "$src")
}

# autoreconf in $1 if what it works from has changed.
bootstrap() {
  local copy=$1
  [ ! -f "$copy/configure" ] || [ -n "$(find "$copy/configure.ac" \
    "$copy/Makefile.am" "$copy/tests/tests.mk" "$copy"/m4/bpfmem_* -newer "$copy/Makefile.in")" ] ||
    return 0
  (cd "$copy" && quietly autoreconf -i)
}

# configure_in DIR SRCDIR OPTION...: configure again only if something differs. By itself it
# would look for a shell that has $LINENO, and run libtool by that: bash, with which a
# build takes a third longer than with dash.
configure_in() {
  local dir=$1 src=$2
  shift 2
  mkdir -p "$dir"
  if [ -f "$dir/Makefile" ] && [ "$dir/Makefile" -nt "$src/configure" ] &&
    [ "$(cat "$dir/configured-with" 2>/dev/null)" = "$*" ]; then
    return 0
  fi
  rm -rf "$dir" && mkdir -p "$dir"
  (cd "$dir" && CONFIG_SHELL=/bin/sh quietly "$src/configure" "$@") || return 1
  printf '%s\n' "$*" >"$dir/configured-with"
}
