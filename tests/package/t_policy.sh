#!/bin/bash
# SPDX-License-Identifier: MIT
# The examples for systemd, AppArmor and SELinux are what their tools accept and
# grant what the plugin needs. No enforcement: that is for a machine which has it.
set -eu
# shellcheck source=tests/package/lib.sh
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
need_tools systemd-analyze apparmor_parser checkmodule
enter_scratch

# effective DROP_IN: print what systemd makes of Debian's unit with it.
effective() {
  rm -rf units && mkdir -p units/collectd.service.d
  cp "$(dpkg -L collectd-core | grep '/collectd[.]service$')" units/
  cp "$1" units/collectd.service.d/
  SYSTEMD_LOG_LEVEL=debug SYSTEMD_UNIT_PATH=$scratch/units: systemd-analyze \
    verify --man=no "$scratch/units/collectd.service" >out 2>&1 ||
    fail "${1##*/}: $(tail -n 5 out)"
  # It ignores what it does not know, and says so with status 0.
  ! grep -E "${1##*/}:[0-9]+:" out || fail "${1##*/} has something odd"
  sed -n 's/^[[:space:]]*\(AmbientCap\|CapabilityB\)[a-zA-Z]*: //p' out
}

# Print "CAP_A CAP_B" of a setting of a drop-in as systemd does, sorted.
written() {
  sed -n "s/^$2=//p" "$1" | tr 'A-Z ' 'a-z\n' | sort
}

say 'systemd: with the unit of Debian'
for drop_in in "$contrib"/systemd/*.conf; do
  effective "$drop_in" | tr ' ' '\n' | sort >granted
  { written "$drop_in" CapabilityBoundingSet &&
    written "$drop_in" AmbientCapabilities; } | sort | diff - granted ||
    fail "${drop_in##*/}: systemd grants something else"
  grep -q 'LimitMEMLOCK: 18446744073709551615' out || fail 'locked memory'
done

say 'AppArmor: the profile with its abstraction'
mkdir -p apparmor.d/abstractions
cp "$contrib/apparmor/collectd-bpfmem" apparmor.d/abstractions/
cp "$contrib/apparmor/usr.sbin.collectd" apparmor.d/
parse() {
  apparmor_parser -QTK --base /etc/apparmor.d -I "$scratch/apparmor.d" "$@"
}
parse apparmor.d/usr.sbin.collectd >out 2>&1 || fail "$(cat out)"
parse -o compiled apparmor.d/usr.sbin.collectd >out 2>&1 || fail "$(cat out)"
[ -s compiled ] || fail 'nothing was compiled'
sed -i 's/capability bpf,/capability bpff,/' apparmor.d/abstractions/*
! parse apparmor.d/usr.sbin.collectd >out 2>&1 || fail 'it accepts anything'

say 'SELinux: the module, and what it grants'
to_cil=/usr/libexec/selinux/hll/pp
devel=/usr/share/selinux/devel
[ -f $devel/Makefile ] && [ -x $to_cil ] ||
  skip "needs $devel/Makefile: selinux-policy-dev"
mkdir selinux
cp "$contrib"/selinux/* selinux/
make -C selinux -f $devel/Makefile collectd_bpfmem.pp >out 2>&1 ||
  fail "$(cat out)"
! grep -i -E 'warning|error' out || fail 'it compiles with complaints'
"$to_cil" <selinux/collectd_bpfmem.pp >cil || fail 'no policy came out'
for rule in 'capability2 (\([a-z]* *\)*bpf' 'capability2 (\([a-z]* *\)*perfmon' \
  'bpf (map_create map_read map_write prog_load prog_run)' \
  'perf_event (open cpu kernel tracepoint read write)'; do
  grep -q "^(allow collectd_t self ($rule" cil || fail "no rule $rule: $(cat cil)"
done
