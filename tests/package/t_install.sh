#!/bin/bash
# SPDX-License-Identifier: MIT
# On a fresh Debian: `apt install' of the package, and Debian's own collectd with
# Debian's own configuration publishes series; remove, purge, again.
# Argument: a release of Debian other than this machine's.
set -eu
# shellcheck source=tests/package/lib.sh
. "$(dirname "$0")/lib.sh"
need_root 'install packages'
need_tools mmdebstrap rrdtool unshare
find_deb
enter_scratch
make_root "${1:-$codename}"
cp "$deb" "$root/tmp/bpfmem.deb"

paths() {
  (cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev \
    -o -path ./tmp -o -path ./var/lib/dpkg -o -path ./var/lib/apt \
    -o -path ./var/lib/collectd -o -path ./var/log -o -path ./var/cache \) \
    -prune -o -print) | sort
}

# Debian's collectd is told nothing: where it writes and how often is Debian's
# choice too. Messages go to standard error, as no syslog runs.
launch_installed() {
  "${enter[@]}" collectd -f >"$scratch/log" 2>&1 &
  collectd=$!
}

stop_installed() {
  kill "$collectd"
  wait "$collectd" || fail "collectd ended with status $?"
}

say 'the package alone brings all that the plugin links'
apt_inside install /tmp/bpfmem.deb
inside ldd /usr/lib/collectd/bpfmem.so /usr/sbin/bpfmem-top >out
! grep 'not found' out || fail 'a dependency is missing'
inside bpfmem-top --probe >out || fail "bpfmem-top --probe: $(cat out)"
apt_inside autoremove --purge $name
# What it recommends is 300 MB. Of it Debian's configuration needs this library,
# for plugins that have nothing to do with us; and with one that we have in common apt
# would not take it away with us.
apt_inside install collectd libmnl0 libjansson4
paths >before

say 'installed, started: series'
apt_inside install /tmp/bpfmem.deb
launch_installed

# has_rate PATTERN: an RRD file of that name has a rate above zero.
has_rate() {
  local rrd
  kill -0 "$collectd" 2>/dev/null || fail 'collectd has ended'
  ls / >/dev/null
  # shellcheck disable=SC2231 # a pattern
  for rrd in "$root"/var/lib/collectd/rrd/*/$1.rrd; do
    [ -f "$rrd" ] || continue
    ! rrdtool fetch "$rrd" AVERAGE -s -120 | awk '$2 > 0 { found = 1 }
      END { exit !found }' || return 0
  done
  return 1
}
# The program that each turn starts is enough to count.
wait_for "a rate of a file's faults" has_rate 'pagefault-usr~*/ps_pagefaults'
wait_for 'a rate of objects' has_rate 'slab-[a-z]*/operations-alloc'
for kind in slab-other/operations-alloc bpfmem-slab/derive-events_missed \
  pagefault-other/ps_pagefaults load/load; do
  ls "$root"/var/lib/collectd/rrd/*/"$kind.rrd" >/dev/null ||
    fail "no series $kind"
done
stop_installed

say 'an edited conffile survives an upgrade and a removal'
conf=$root/etc/collectd/collectd.conf.d/bpfmem.conf
printf '<Plugin bpfmem>\n  CollectSlab false\n</Plugin>\n' >>"$conf"
apt_inside install --reinstall /tmp/bpfmem.deb
grep -q '^  CollectSlab false' "$conf" || fail 'the edit is lost'
apt_inside remove $name
[ -f "$conf" ] || fail 'remove has taken the configuration'
[ ! -e "$root/usr/lib/collectd/bpfmem.so" ] || fail 'remove has left the plugin'
touch removed
launch_installed
# has_load: what Debian's configuration publishes, since then.
has_load() {
  kill -0 "$collectd" 2>/dev/null || fail 'collectd has ended'
  [ -n "$(find "$root/var/lib/collectd/rrd" -name 'load.rrd' -newer removed)" ]
}
wait_for 'series without the plugin' has_load
stop_installed

say 'purge leaves nothing'
apt_inside install /tmp/bpfmem.deb
grep -q '^  CollectSlab false' "$conf" || fail 'the edit is lost'
apt_inside autoremove --purge $name
paths | diff before - || fail 'purge leaves, or takes, something'
