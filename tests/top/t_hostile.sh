#!/bin/bash
# SPDX-License-Identifier: MIT
# On a terminal: names that would move its cursor, hide text or begin a line do
# nothing of the kind, and keep their counts.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch
command -v script >/dev/null || {
  echo 'needs script(1) for a terminal'
  exit 77
}

names=($'\e[2J\e[H\e]0;title\a' $'new\nline\r' $'tab\tand\bback' $'\x0e\x7f'
  $'\xc2\x9b31m' $'to the \xe2\x80\xaeright' $'\xff\xc0\xaf' '%s%n' '[anon]'
  'total, missed 0' ' 4711 11 blanks')

mkfifo keys
script -qefc "stty cols 200 -echo && exec '$top' -o table -e -f -n 1000000 0.3" \
  typescript <keys >/dev/null &
pid=$!
exec 3>keys

# Typescript without its own first and last line, and the terminal's returns.
seen() {
  [ -e typescript ] || return 1
  grep -av '^Script ' typescript | tr -d '\r' >text || :
  has_intervals text "$1"
}

mkdir files
wait_for 'the first interval' seen 1
caused=0
for name in "${names[@]}"; do
  read -r _ minor major < <("$faults" private_write "$scratch/files/$name")
  caused=$((caused + minor + major))
done
# A name comes in one interval and its events in one of the next.
wait_for 'their intervals' seen $(($(intervals text) + 4))
printf '\003' >&3
wait_for "the end of $pid" ended "$pid"
wait "$pid" || fail "Ctrl-C: status $?"
exec 3>&-

seen 1
sed -i '/^$/d' text
check_text text 200
# What the workload's warm-up does, on FILE.warm, is not in its figures.
read -r counted rows < <(awk -v prefix="$scratch/files/" '
  index($0, prefix) && !/\.warm$/ { sum += $1 + $2; rows++ }
  END { printf "%d %d\n", sum, rows }' text)
missed=$(missed text)
echo "$caused faults caused, $counted counted in $rows rows, $missed missed"
[ "$counted" -le "$caused" ] && [ $((counted + missed)) -ge "$caused" ] ||
  fail "not what was caused: $(cat text)"
[ "$rows" -ge ${#names[@]} ] || fail "names are missing: $(cat text)"
