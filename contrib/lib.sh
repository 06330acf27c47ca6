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

# Run a command; show what it prints only if it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  [ $status -eq 0 ] || cat "$log" >&2
  rm -f "$log"
  return $status
}

# Copy the sources at $1 to $2, without what autoreconf, configure and make may
# have left among them: a source tree that is configured in place, or that
# belongs to somebody else, can be built as well. Times of files are kept, so
# that make remakes only what has changed.
copy_sources() {
  local src=$1 copy=$2
  mkdir -p "$copy"
  # Only what comes from the sources: the results of autoreconf stay.
  (cd "$copy" && rm -rf bpf collectd.conf.d contrib man plugin tests)
  tar -C "$src" --exclude-vcs --exclude-from=- -cf - . <<'END' |
./Makefile
./Makefile.in
./aclocal.m4
./autom4te.cache
./build-aux
./config.*
./configure
./libtool
./m4/l*.m4
.deps
.dirstamp
.libs
*.o
*.lo
*.la
*.skel.h
*.log
*.trs
END
    tar -C "$copy" -xf -
}

# Make $2 from what has changed in $1: configure, and what it needs.
bootstrap() {
  local copy=$1
  [ ! -f "$copy/configure" ] || [ -n "$(find "$copy/configure.ac" \
    "$copy/Makefile.am" "$copy"/m4/bpfmem_* -newer "$copy/Makefile.in")" ] ||
    return 0
  (cd "$copy" && quietly autoreconf -i)
}

# configure_in DIR SRCDIR OPTION...: configure again only if something differs.
configure_in() {
  local dir=$1 src=$2
  shift 2
  mkdir -p "$dir"
  if [ -f "$dir/Makefile" ] && [ "$dir/Makefile" -nt "$src/configure" ] &&
    [ "$(cat "$dir/configured-with" 2>/dev/null)" = "$*" ]; then
    return 0
  fi
  rm -rf "$dir" && mkdir -p "$dir"
  (cd "$dir" && quietly "$src/configure" "$@") || return 1
  printf '%s\n' "$*" >"$dir/configured-with"
}
