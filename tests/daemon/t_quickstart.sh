#!/bin/bash
# SPDX-License-Identifier: MIT
# contrib/quickstart: what is wrong on its command line is told in one line;
# options in any order; it builds, counts, draws and ends by itself.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
quickstart=$(cd "${BPFMEM_SRCDIR:-$(dirname "$0")/../..}" && pwd)/contrib/quickstart
enter_scratch

# refuses TEXT ARGUMENT...
refuses() {
  local text=$1 status=0
  shift
  "$quickstart" "$@" >out 2>err || status=$?
  [ $status -eq 2 ] || fail "$*: status $status"
  [ ! -s out ] || fail "$*: output: $(cat out)"
  [ "$(wc -l <err)" -eq 1 ] || fail "$*: $(cat err)"
  grep -qF "quickstart: $text" err || fail "$*: $(cat err)"
}

refuses '"40s" is not a whole number of seconds' -w 40s
refuses '"1.5" is not a whole number of seconds' 1.5
refuses '"" is not a whole number of seconds' ''
refuses 'unknown option -q' 40 -q
refuses 'SECONDS is given twice: 3 and 4' 3 4
for help in -h --help; do
  "$quickstart" 40 $help >out || fail "$help: status $?"
  grep -q '^usage: quickstart' out || fail "$help: $(cat out)"
done

export TMPDIR=$scratch
BPFMEM_CACHE=$scratch/cache "$quickstart" 9 -w >out 2>err ||
  fail "status $?: $(cat out err)"
dir=$(echo "$scratch"/bpfmem-quickstart.*)
grep -q '^ *[0-9]\+ *[0-9]\+ total, missed [0-9]*$' out || fail "no live table: $(cat out)"
[ "$(find "$dir" -maxdepth 1 -name '*.png' -size +2k | wc -l)" -ge 4 ] ||
  fail "graphs: $(ls "$dir")"
! grep -E '^\[?(warning|err)' "$dir/collectd.log" || fail 'collectd warns'
for series in pagefault-other slab-other bpfmem-pagefault; do
  find "$dir/csv" -path "*/$series/*" | grep -q . || fail "no csv of $series"
done
