#!/bin/bash
# SPDX-License-Identifier: MIT
# collectd as a user of its own with the capabilities of the drop-in example and
# no others counts; with one less it says what it lacks, and goes on.
set -eu
# shellcheck source=tests/package/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
need_tools setpriv
. "$package_dir/privilege.sh"
enter_scratch
open_scratch

drop_in=$contrib/systemd/unprivileged.conf
granted=$(sed -n 's/^AmbientCapabilities=//p' "$drop_in")
[ "$granted" = "$(sed -n 's/^CapabilityBoundingSet=//p' "$drop_in")" ] ||
  fail 'what is granted is not what is allowed'
# shellcheck disable=SC2086 # a list of words
set -- $granted

say "with $granted"
launch_as "$*" </dev/null
wait_for 'collectd to start' reads
! has_logged 'bpfmem plugin:.*\(cannot start\|can be used\)' ||
  fail 'a probe did not start'
has_logged 'bpfmem plugin: slab: /proc/slabinfo cannot be read (Permission denied)' ||
  fail 'nothing is said of what caches hold'
[ "$(id -un 65534)" = "$(ps -o user= -p "$collectd")" ] || fail 'wrong user'
grep -q "^CapEff:.*$(mask_of "$@")\$" "/proc/$collectd/status" ||
  fail "capabilities: $(grep Cap "/proc/$collectd/status")"
await_faults
has_faults() {
  local entity
  for entity in $(entities pagefault); do
    [ "$(last_of 1 "pagefault-$entity/ps_pagefaults")" -eq 0 ] || return 0
  done
  return 1
}
wait_for 'faults in a series' has_faults
has_objects() {
  local entity
  for entity in $(entities slab); do
    [ "$(last_of 1 "slab-$entity/operations-alloc")" -eq 0 ] || return 0
  done
  return 1
}
wait_for 'objects in a series' has_objects
stop

# CAP_SYSLOG is for older kernels; see collectd-bpfmem(5).
for missing in CAP_BPF CAP_PERFMON; do
  say "without $missing"
  rm -f log
  # shellcheck disable=SC2001
  launch_as "$(sed "s/$missing//" <<<"$granted")" </dev/null
  wait_for 'collectd to start without us' reads
  for probe in pagefault slab; do
    has_logged "bpfmem plugin: $probe: .*not permitted: .*lacks.*$missing" ||
      fail "$probe does not say that it lacks $missing"
  done
  kill "$collectd"
  ended_with 1 # collectd's status when an init callback failed
done
