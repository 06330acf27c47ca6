#!/bin/bash
# SPDX-License-Identifier: MIT
# A table on a terminal (-o table): as wide as it is, line by line, without escape codes; Ctrl-C
# typed there ends it with status 0.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch
command -v script >/dev/null || {
  echo 'needs script(1) for a terminal'
  exit 77
}

mkdir -p "$(printf 'directory%.0s/' {1..11})"
deep=$(printf 'directory%.0s/' {1..11})file

# on_tty COLUMNS: Ctrl-C on standard input after the workload's interval.
on_tty() {
  local columns=$1 pid
  rm -f typescript && mkfifo keys
  script -qefc "stty cols $columns -echo && exec '$top' -o table -e -f -n 1000000 0.2" \
    typescript <keys >/dev/null &
  pid=$!
  exec 3>keys
  wait_for 'the first interval' seen 1
  "$faults" private_write "$scratch/$deep" >/dev/null
  wait_for 'its interval' seen $(($(intervals text) + 3))
  printf '\003' >&3
  reap $pid || fail "Ctrl-C: status $?"
  exec 3>&-
  rm keys
}

# Typescript without its own first and last line, and the terminal's returns.
seen() {
  [ -e typescript ] || return 1
  grep -v '^Script ' typescript | tr -d '\r' >text || :
  has_intervals text "$1"
}

for columns in 40 132; do
  on_tty $columns
  seen 1
  sed -i '/^$/d' text
  check_text text $columns
  check_tables text 1000000
  grep -F 'directory/file' text | grep -qE "^.{$columns}\$" ||
    fail "the long name does not fill $columns columns: $(cat text)"
done
