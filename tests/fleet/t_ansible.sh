#!/bin/bash
# SPDX-License-Identifier: MIT
# The Ansible role, on a fresh Debian: check mode first, then twice, options, a
# wrong one, removal; installed from the package, and the plugin by itself.
set -eu
# shellcheck source=tests/package/lib.sh
. "$(dirname "$0")/../package/lib.sh"
need_root 'install packages'
need_tools mmdebstrap unshare
find_deb
enter_scratch
make_root "$codename"
tests=$top/tests/fleet

# Everything that is started ends with it, as it has process numbers of its own;
# and a network of its own, so that nothing is fetched or sent.
play_inside() {
  # shellcheck disable=SC2016 # for the inner shell
  env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    unshare --mount --propagation private --pid --fork --net sh -c '
      root=$1 && shift && mount -t proc proc "$root/proc" &&
      mount -t sysfs sysfs "$root/sys" && mkdir -p "$root/dev/shm" &&
      mount -t tmpfs tmpfs "$root/dev/shm" && ip link set lo up &&
      exec chroot "$root" "$@"' \
    sh "$root" /tmp/ansible/ansible_inside.sh "$@"
}

apt_inside install ansible-core python3-apt
mkdir "$root/tmp/ansible"
cp -r "$contrib"/fleet/ansible/* "$tests/ansible_inside.sh" "$deb" "$plugin" \
  "$root/tmp/ansible/"
cat >"$root/tmp/ansible/options.yml" <<END
bpfmem_package_file: /tmp/ansible/${deb##*/}
bpfmem_interval: 2
bpfmem_options: {ReportStatistics: false}
bpfmem_pagefaults:
  MaxSeries: 50
  File: ['/^/usr/lib/.*\.so/', '/usr/bin/a "b"']
  Group: [['/^/usr/lib/([^/]+)\.d//', 'parts-\$1'], ['/^/srv//', served]]
bpfmem_slab: {ReportBytes: true}
bpfmem_servers: [{host: 127.0.0.1}, {host: 127.0.0.2, port: 25827}]
bpfmem_password: 'se"cr\et'
END

play_inside fresh
# As in t_install.sh, and what encrypts, which Debian 12 has in any case; and what the
# package depends on, which can be had now.
apt_inside install collectd libmnl0 libgcrypt20 "/tmp/ansible/${deb##*/}"
apt_inside purge $name
play_inside installed
