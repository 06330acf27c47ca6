# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by the tests of packages: what was built, and a Debian of our own to
# install it in.
#
# Environment: BPFMEM_SRCDIR, BPFMEM_BUILDDIR; BPFMEM_CACHE, as tests/run has it.

package_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/daemon/lib.sh
. "$package_dir/../daemon/lib.sh"
top=$(cd "${BPFMEM_SRCDIR:-$package_dir/../..}" && pwd)
# shellcheck source=contrib/lib.sh
. "$package_dir/../../contrib/lib.sh"
# shellcheck disable=SC2034 # for the tests
contrib=$top/contrib
name='collectd-bpfmem'

need_root() {
  [ "$(id -u)" -eq 0 ] || skip "needs root, to $1"
}

need_tools() {
  local tool
  for tool; do
    command -v "$tool" >/dev/null ||
      skip "needs $tool: contrib/install-deps deb rpm package"
  done
}

# Set $deb to what `make deb' has built.
find_deb() {
  deb=$(echo "$build/deb/${name}"_*.deb)
  [ -f "$deb" ] || fail "no $deb: make deb"
}

# Print the machine's own apt sources of Debian, for the release $1 instead of its
# own, with the keys that it trusts for them.
debian_sources() {
  local uri suite component file key
  # shellcheck disable=SC2016 # apt expands these
  apt-get indextargets --format \
    '$(REPO_URI) $(RELEASE) $(COMPONENT) $(SOURCESENTRY)' 'Created-By: Packages' |
    grep -E '^[^ ]*/debian(-security)?/? ' |
    while read -r uri suite component file; do
      key=$(grep -siom1 'signed-by[:=][ ]*/[^] ]*' "${file%:*}" |
        sed 's,^[^/]*,,' || true)
      printf 'deb %s%s %s %s\n' "${key:+[signed-by=$key] }" "$uri" \
        "${suite/#"$codename"/$1}" "$component"
    done | sort -u
}

# The release of this machine.
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

# Print the path of a tar of the smallest Debian of release $1 that has apt.
base_system() {
  local cache tar sources
  cache=$(cache_dir "chroot/$1")
  tar=$cache/base.tar
  exec 9>"$cache/lock"
  flock 9
  # The lists in it name what mirrors keep for a while only.
  if [ -z "$(find "$tar" -mtime -7 2>/dev/null)" ]; then
    mapfile -t sources < <(debian_sources "$1")
    [ ${#sources[@]} -gt 0 ] || return 1
    mmdebstrap --quiet --variant=apt --skip=cleanup/apt "$1" \
      "$cache/new.tar" "${sources[@]}" >&2 || return 1
    mv "$cache/new.tar" "$tar"
    rm -f "$cache"/*.deb
  fi
  exec 9>&-
  printf '%s\n' "$tar"
}

# use_root RELEASE: let $root be the Debian of RELEASE in the test's directory.
use_root() {
  base=$(base_system "$1") || fail 'could not get the packages of a base system'
  archives=${base%/*}
  root=$scratch/root
  set_enter
}

# make_root RELEASE: make one there. No daemon is started by its packages. Its /dev is
# part of the tar.
make_root() {
  use_root "$1"
  mkdir "$root"
  tar -C "$root" -xf "$base"
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  apt-config dump | grep '^Acquire::.*[Pp]roxy' >"$root/etc/apt/apt.conf.d/90proxy" ||
    true
  echo 'APT::Keep-Downloaded-Packages "true";' >"$root/etc/apt/apt.conf.d/91keep"
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io" # it is thrown away
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  cp "$archives"/*.deb "$root/var/cache/apt/archives/" 2>/dev/null || true
}

# What $root has of its own, as TYPE:DIR.
mounts='proc:proc sysfs:sys'

# Set $enter to what runs a command in $root, with all of $mounts in a mount namespace
# of its own: the test, which removes $root, never sees them. There $root is the root
# of all, as it is on a machine: what the kernel says of a path begins there.
set_enter() {
  # shellcheck disable=SC2016 # for the inner shell
  enter=(env -u TMPDIR DEBIAN_FRONTEND=noninteractive LC_ALL=C HOME=/root
    PATH=/usr/sbin:/usr/bin:/sbin:/bin unshare --mount --propagation private
    sh -ec 'root=$1 mounts=$2 && shift 2
      mount --bind "$root" "$root" && cd "$root"
      for mount in $mounts; do
        mount -t "${mount%:*}" none "${mount#*:}"
      done
      mount --move . / && exec chroot . "$@"'
    sh "$root" "$mounts")
}

inside() {
  "${enter[@]}" "$@"
}

# Keep what apt has downloaded in $root for the next test.
keep_archives() {
  cp -n "$root"/var/cache/apt/archives/*.deb "$archives/" 2>/dev/null || true
}

# Run apt in $root; what it downloads is kept for the next test.
apt_inside() {
  inside apt -qq -y --no-install-recommends "$@" >"$scratch/apt" 2>&1 ||
    {
      inside apt-get -qq update >>"$scratch/apt" 2>&1
      inside apt -qq -y --no-install-recommends "$@" >>"$scratch/apt" 2>&1
    } || {
    cat "$scratch/apt" >&2
    fail "apt $*"
  }
  keep_archives
}
