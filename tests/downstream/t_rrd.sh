#!/bin/bash
# SPDX-License-Identifier: MIT
# RRD files of the rrdtool plugin and of rrdcached: what they hold adds up to the
# counts, from the first event on, and can be drawn.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/downstream/servers.sh
. "$(dirname "$0")/servers.sh"
need rrdtool rrdtool
need rrdcached rrdcached
enter_scratch

interval=1
# shellcheck disable=SC2034 # of write_config
writers=$(rrd_writers)
start_rrdcached

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

# Objects that stay, to be drawn: more than the cache has room for.
mkfifo hold
exec 5<>hold
"$objects" contexts 1511 "$scratch" <hold >objects.out &
wait_for objects grep -qs created objects.out
await_all
mkdir pictures
"$here/../../contrib/graphs/bpfmem-graph" -s "$began" -o pictures "rrd/$host" >list
for name in stalled pagefaults pagefaults-major slab slab-memory slab-growth; do
  drawn "pictures/$name.png" || fail "no picture $name: $(cat list)"
done
say "pictures: $(cd pictures && echo *.png)"
[ -z "${KEEP_PICTURES:-}" ] || cp pictures/*.png "$KEEP_PICTURES"
echo >&5
stop
