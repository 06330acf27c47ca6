#!/bin/bash
# SPDX-License-Identifier: MIT
# The RPM: rpmlint finds nothing, it has what it should, it can be installed and
# erased, and collectd loads its plugin.
set -eu
# shellcheck source=tests/package/lib.sh
. "$(dirname "$0")/lib.sh"
need_root 'load BPF programs'
need_tools rpm rpmlint collectd
rpm=$(echo "$build"/rpm/RPMS/*/$name-*.rpm)
[ -f "$rpm" ] || fail "no $rpm: make rpm"
enter_scratch

rpmlint -c "$package_dir/rpmlint.toml" "$rpm" "$build"/rpm/SRPMS/*.rpm >out ||
  fail "rpmlint finds something: $(cat out)"
grep -qE '2 packages .* 0 errors, 0 warnings' out || fail "rpmlint: $(cat out)"

mkdir root
quiet() {
  rpm --root "$scratch/root" --dbpath /db --nodeps --noscripts "$@" >out 2>&1 ||
    fail "rpm $*: $(cat out)"
}
quiet -i "$rpm"
find root -path root/db -prune -o -type f -print >list
for file in /usr/sbin/bpfmem-top /usr/share/man/man5/collectd-bpfmem.5 \
  /usr/share/man/man8/bpfmem-top.8 /etc/collectd.d/bpfmem.conf \
  /usr/share/doc/$name/examples/systemd/bounded.conf \
  /usr/share/doc/$name/examples/dashboards/bpfmem-prometheus.json \
  /usr/share/doc/$name/examples/alerts/bpfmem.rules.yml; do
  grep -q "^root$file" list || fail "the package lacks $file"
done
[ "$(rpm -qcp "$rpm")" = /etc/collectd.d/bpfmem.conf ] || fail 'config files'
rpm -qp --requires "$rpm" >out
for what in 'collectd >= 5' 'collectd < 6' 'libbpf[.]so'; do
  grep -q "^$what" out || fail "does not require $what: $(cat out)"
done

# The daemon is Debian's. Of the configuration, the package's LoadPlugin alone.
plugin=$(echo root/usr/lib*/collectd/bpfmem.so)
[ -f "$plugin" ] || fail 'the package lacks the plugin'
plugin=$scratch/$plugin
start </dev/null
wait_for 'a series' has_reads pagefault-other/ps_pagefaults 2
stop
grep -vE '^#|^$' root/etc/collectd.d/bpfmem.conf >out
[ "$(cat out)" = 'LoadPlugin bpfmem' ] || fail "configured: $(cat out)"

quiet -e $name
find root -path root/db -prune -o \( -type f -o -name '*bpfmem*' \) -print >list
[ ! -s list ] || fail "erase leaves $(cat list)"
