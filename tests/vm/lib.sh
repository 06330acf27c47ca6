# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Helpers shared by the programs in tests/vm: messages, cache, architecture.

progname=${0##*/}

say() {
  printf '%s: %s\n' "$progname" "$*" >&2
}

# die STATUS MESSAGE...
die() {
  local status=$1
  shift
  say "$@"
  exit "$status"
}

need() {
  local tool
  for tool; do
    command -v "$tool" >/dev/null || die 125 "needs $tool, which is not installed"
  done
}

cache_dir() {
  local dir=${BPFMEM_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/bpfmem}/$1
  mkdir -p "$dir"
  printf '%s\n' "$dir"
}

# Debian's name of architecture $1, which is named as uname -m does.
debian_arch() {
  case $1 in
  x86_64) echo amd64 ;;
  aarch64) echo arm64 ;;
  *) die 125 "no kernels known for architecture $1" ;;
  esac
}

now_ms() {
  local now=$EPOCHREALTIME
  now=${now/[.,]/}
  echo $((now / 1000))
}
