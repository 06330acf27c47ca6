#!/bin/bash
# SPDX-License-Identifier: MIT
# contrib/quickstart: what is wrong on its command line is told in one line; options in
# any order; it tells of the demo what the demo says of itself, and draws it first;
# without the demo there is none; at each exit only results are left.
# Argument: "demo", what it tells of the demo, that alone.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
src=$(cd "${BPFMEM_SRCDIR:-$(dirname "$0")/../..}" && pwd)
quickstart=$src/contrib/quickstart
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

refuses '"40s" is not a whole number of seconds' -i 40s
refuses '"1.5" is not a whole number of seconds' 1.5
refuses '"" is not a whole number of seconds' ''
refuses 'unknown option -q' 40 -q
refuses 'SECONDS is given twice: 3 and 4' 3 4
for help in -h --help; do
  "$quickstart" 40 $help >out || fail "$help: status $?"
  grep -q '^usage: quickstart' out || fail "$help: $(cat out)"
done

# What is drawn is seen by who is asked to draw.
mkdir bin tmp
rrdtool=$(command -v rrdtool)
cat >bin/rrdtool <<END
#!/bin/sh
printf '%s\n' "\$@" >>"$scratch/drawn"
exec "$rrdtool" "\$@"
END
chmod +x bin/rrdtool
export PATH=$scratch/bin:$PATH TMPDIR=$scratch/tmp BPFMEM_CACHE=$scratch/cache
set -m

sources() {
  find "$src" -name .git -prune -o -print | sort
}
sources >before

# left_clean HOW: no process, no file of the demo, nothing in the sources.
left_clean() {
  local left
  left=$(pgrep -af "$scratch/(cache|tmp)" || true)
  [ -z "$left" ] || fail "$1: still runs: $left"
  left=$(find tmp -type f \( -name '*.db' -o -name 'tmp.*' \))
  [ -z "$left" ] || fail "$1: left behind: $left"
  sources | cmp before - || fail "$1: the sources are not as before"
}

# has_line REGEX: among what it told.
has_line() {
  grep -qE "^$1\$" out || fail "no line $1: $(cat out err)"
}
number='[0-9,]+'
path="$scratch/tmp/bpfmem-quickstart[.][A-Za-z0-9]+/orders[.]db"
size='[0-9.]+ [KM]iB'

has_five_lines() {
  [ "$(grep -cE '^(Waited|Grew|Busiest|Counted|Missed): ' out)" -eq 5 ] ||
    fail "not five lines: $(cat out err)"
  has_line "Counted: $number page faults, $number of them waited for the disk; $number objects allocated, $number freed[.]"
  has_line "Missed:  $number of the page faults, $number of the allocations and frees; $number page faults are of no known file or memory[.]"
}

"$quickstart" 12 >out 2>err || fail "status $?: $(cat out err)"
has_line ' +0 +[0-9.]+k? .*orders[.]db'
has_line ' +[0-9.]+k? +[0-9.]+k? .*total, missed [0-9]+'
has_five_lines
has_line "Waited:  $path, $number times for the disk(, [0-9.]+ s in all)? [(]the demo itself: $number times, [0-9.]+ s[)][.]"
has_line "Grew:    the kernel's cache TCP, by $size to $size [(]the demo itself: $number sockets opened, none closed[)][.]"
has_line "Busiest: .*, $number page faults without the disk( [(]the demo itself: $number short programs run[)])?[.]"
# Other programs may have grown as well; of its file the demo knows all, and an event
# may be missed.
sed -n 's/^Waited: .*[.]db, \([0-9,]*\) .*itself: \([0-9,]*\) .*/\1 \2/p' out |
  tr -d , | awk '$2 >= 100 && $1 <= $2 && $1 >= $2 * 0.99 { ok = 1 } END { exit !ok }' ||
  fail "not what the demo waited: $(cat out)"
dir=$(echo tmp/bpfmem-quickstart.*)
[ "$(find "$dir" -maxdepth 1 -name '*.png' -size +2k | wc -l)" -ge 4 ] ||
  fail "graphs: $(ls "$dir")"
# The first layer of a picture: in the legend, and at the bottom.
for layer in 'AREA:v0#[0-9a-f]+:[^ ]*/orders[.]db' 'LINE2:g0#[0-9a-f]+:TCP'; do
  grep -qE "^$layer *(:STACK)?\$" drawn ||
    fail "not drawn first: $layer: $(grep -E '^(AREA|LINE2):' drawn)"
done
! grep -E '^\[?(warning|err)' "$dir/collectd.log" || fail 'collectd warns'
for series in pagefault-other slab-other bpfmem-pagefault; do
  find "$dir/csv" -path "*/$series/*" | grep -q . || fail "no csv of $series"
done
left_clean 'the end'
rm -r "$dir"
[ "${1-}" != demo ] || exit 0

for options in '4 --idle' '-i 4'; do
  # shellcheck disable=SC2086 # words
  "$quickstart" $options >out 2>err || fail "$options: status $?: $(cat out err)"
  has_five_lines
  ! grep -E 'orders[.]db|the demo' out || fail "$options: a demo"
  left_clean "$options"
  rm -r tmp/*
done

# is_live: its demo runs and is shown.
is_live() {
  grep -q 'orders[.]db$' out
}
# A terminal's Ctrl-C is for all of its group.
for signal in INT TERM HUP; do
  "$quickstart" >out 2>err &
  pid=$!
  wait_for 'its tables' is_live
  case $signal in
  INT) kill -INT -- -$pid && wanted=0 ;;
  *) kill -$signal $pid && wanted=$((128 + $(kill -l $signal))) ;;
  esac
  status=0
  wait $pid || status=$?
  [ $status -eq "$wanted" ] || fail "$signal: status $status: $(cat out err)"
  left_clean $signal
  case $signal in
  INT) has_five_lines && rm -r tmp/* ;;
  *) [ -z "$(ls tmp)" ] || fail "$signal: left behind: $(ls tmp)" ;;
  esac
done
