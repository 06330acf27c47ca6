#!/bin/bash
# SPDX-License-Identifier: MIT
# The Debian package by itself: lintian finds nothing, it has what it should and
# nothing else, it is hardened, and a second build is the same.
set -eu
# shellcheck source=tests/package/lib.sh
. "$(dirname "$0")/lib.sh"
need_tools lintian blhc dpkg-deb dpkg-buildpackage readelf
find_deb
enter_scratch

# -I too: but no watch file, as there is no place yet to watch; and the standards are
# those of Debian 12, of which the lintian of 13 has newer ones.
lintian --allow-root -I \
  --suppress-tags debian-watch-file-is-missing,out-of-date-standards-version \
  "$build"/deb/*.changes >out 2>&1 || true
grep -E '^[EWI]: ' out && fail 'lintian finds something'
grep -vE '^(N: |$)' out && fail 'lintian did not run'

dpkg-deb -x "$deb" files
(cd files && find . -type f | sort) >list
doc=./usr/share/doc/$name
for file in ./usr/lib/collectd/bpfmem.so ./usr/sbin/bpfmem-top \
  ./usr/share/man/man5/collectd-bpfmem.5.gz \
  ./usr/share/man/man8/bpfmem-top.8.gz \
  ./etc/collectd/collectd.conf.d/bpfmem.conf \
  ./usr/share/$name/load.conf $doc/README.md.gz $doc/copyright \
  $doc/examples/bpfmem.conf $doc/examples/systemd/unprivileged.conf \
  $doc/examples/systemd/bounded.conf \
  $doc/examples/dashboards/bpfmem-prometheus.json \
  $doc/examples/alerts/bpfmem.rules.yml; do
  grep -qx "$file" list || fail "the package lacks $file"
done
grep -vE "^(./usr/(lib/collectd|sbin|share/man/man[58]|share/$name)/[^/]*|\
$doc/.*|./etc/collectd/collectd.conf.d/bpfmem.conf)\$" list &&
  fail 'this does not belong in the package'

dpkg-deb -e "$deb" control
[ "$(ls control)" = $'conffiles\ncontrol\nmd5sums' ] ||
  fail "there are maintainer scripts: $(ls control)"
[ "$(cat control/conffiles)" = /etc/collectd/collectd.conf.d/bpfmem.conf ] ||
  fail "conffiles: $(cat control/conffiles)"
depends=$(dpkg-deb -f "$deb" Depends)
for what in 'collectd-core \(>=' 'collectd-core \(<< 6' 'libbpf[01] \(>=' \
  'libc6 \(>='; do
  grep -qE "(^|, )$what" <<<"$depends" || fail "no $what in Depends: $depends"
done

# Every command of the compiler, but those for the kernel's programs, has the
# distribution's flags; the linker's leave their mark, too.
blhc --bindnow --ignore-line '.* -target bpf .*' "$build/deb/build.log" >out ||
  fail "not hardened: $(head -n 5 out)"
for file in files/usr/lib/collectd/bpfmem.so files/usr/sbin/bpfmem-top; do
  readelf -lW "$file" | grep -q GNU_RELRO || fail "$file: no RELRO"
  readelf -dW "$file" | grep -qE 'BIND_NOW|FLAGS.*NOW' || fail "$file: not bound"
  nm -D "$file" | grep -q __stack_chk_fail || fail "$file: no stack protector"
  nm -D "$file" | grep -q __fprintf_chk || nm -D "$file" | grep -q _chk ||
    fail "$file: not fortified"
done
readelf -h files/usr/sbin/bpfmem-top | grep -q 'Type: *DYN' || fail 'no PIE'
strings -a files/usr/lib/collectd/bpfmem.so | grep -F "$build" &&
  fail 'the plugin names the directory of the build'

# Another directory, another time of day, of what the first was built from.
orig=$(echo "$build"/deb/bpfmem_*.orig.tar.xz)
version=${orig##*/bpfmem_}
cp "$orig" "bpfmem-${version%.orig.tar.xz}.tar.xz"
DEB_BUILD_OPTIONS=nocheck TZ=Asia/Tokyo "$contrib/packaging/build-deb" \
  bpfmem-*.tar.xz "$scratch/again/deeper" >out 2>&1 || {
  cat out >&2
  fail 'does not build again'
}
cmp "$deb" "$scratch/again/deeper/${deb##*/}" || fail 'two builds differ'
