#!/bin/bash
# SPDX-License-Identifier: MIT
# RRD files of the rrdtool plugin and of rrdcached: what they hold adds up to the
# counts, from the first event on, and can be drawn.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
need rrdtool rrdtool
need rrdcached rrdcached
enter_scratch

# RRD's shortest step. As many seconds as there are rows in the first archive,
# so that it has one value per step, as with the default interval and archives.
# A late read on a busy machine shall not make a gap.
interval=1
archive='StepSize 1
  HeartBeat 30
  RRATimespan 1200
  RRATimespan 86400'
# One thread, so that a series' first values stay in order when the machine stalls:
# who stores rates would lose the first.
# shellcheck disable=SC2034 # of write_config
writers="WriteThreads 1
LoadPlugin rrdtool
<Plugin rrdtool>
  DataDir \"$scratch/rrd\"
  $archive
</Plugin>
LoadPlugin rrdcached
<Plugin rrdcached>
  DaemonAddress \"unix:$scratch/rrdcached.sock\"
  DataDir \"$scratch/cached\"
  $archive
</Plugin>"

# Writes at most after a minute: what is read back before comes by a flush.
mkdir journal
serve rrdcached rrdcached -g -w 60 -j "$scratch/journal" -b "$scratch/cached" \
  -B -R -p "$scratch/rrdcached.pid" -l "unix:$scratch/rrdcached.sock"
wait_for rrdcached test -S rrdcached.sock

began=$(date +%s)
start_sender
send_work
arrived rrdtool "$python" "$here/read_rrd.py" "rrd/$host" "$began"
RRDCACHED_ADDRESS=unix:$scratch/rrdcached.sock \
  arrived rrdcached "$python" "$here/read_rrd.py" "cached/$host" "$began"

# drawn FILE: whether it is a picture of some size.
drawn() {
  [ "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] &&
    [ "$(wc -c <"$1")" -gt 5000 ]
}

# Objects that stay, to be drawn.
mkfifo hold
exec 5<>hold
"$objects" mqueues 53 "$scratch" <hold >objects.out &
wait_for objects grep -qs created objects.out
await_all
mkdir pictures
"$here/../../contrib/graphs/bpfmem-graph" -s "$began" -o pictures "rrd/$host" >list
for name in pagefaults pagefaults-major slab slab-growth; do
  drawn "pictures/$name.png" || fail "no picture $name: $(cat list)"
done
say "pictures: $(cd pictures && echo *.png)"
[ -z "${KEEP_PICTURES:-}" ] || cp pictures/*.png "$KEEP_PICTURES"
echo >&5
stop
