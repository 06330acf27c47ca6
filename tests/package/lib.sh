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

cache_dir() {
  local dir=${BPFMEM_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/bpfmem}/$1
  mkdir -p "$dir"
  printf '%s\n' "$dir"
}

# Print the machine's own apt sources of Debian, as apt reads them.
debian_sources() {
  # shellcheck disable=SC2016 # apt expands these
  apt-get indextargets --format '$(REPO_URI) $(SOURCESENTRY)' \
    'Created-By: Packages' | awk '$1 ~ /\/debian(-security)?\/?$/ {
      sub(/:[0-9]*$/, "", $2); print $2 }' | sort -u
}

# Print the path of a tar of the smallest Debian that has apt: the release of
# this machine, whose packages the .deb was built against.
base_system() {
  local cache tar codename sources
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  cache=$(cache_dir "chroot/$codename")
  tar=$cache/base.tar
  exec 9>"$cache/lock"
  flock 9
  # The lists in it name what mirrors keep for a while only.
  if [ -z "$(find "$tar" -mtime -7 2>/dev/null)" ]; then
    mapfile -t sources < <(debian_sources)
    [ ${#sources[@]} -gt 0 ] || return 1
    mmdebstrap --quiet --variant=apt --skip=cleanup/apt "$codename" \
      "$cache/new.tar" "${sources[@]}" >&2 || return 1
    mv "$cache/new.tar" "$tar"
    rm -f "$cache"/*.deb
  fi
  exec 9>&-
  printf '%s\n' "$tar"
}

# Make $root a Debian of its own. No daemon is started by its packages. Its /dev
# is part of the tar; nothing of this machine's is mounted there.
make_root() {
  local tar
  tar=$(base_system) || fail 'could not get the packages of a base system'
  archives=${tar%/*}
  root=$scratch/root
  mkdir "$root"
  tar -C "$root" -xf "$tar"
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  apt-config dump | grep '^Acquire::.*[Pp]roxy' >"$root/etc/apt/apt.conf.d/90proxy" ||
    true
  echo 'APT::Keep-Downloaded-Packages "true";' >"$root/etc/apt/apt.conf.d/91keep"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  cp "$archives"/*.deb "$root/var/cache/apt/archives/" 2>/dev/null || true
  set_enter
}

# Set $enter to what runs a command in $root, with a proc and a sys of its own in
# a mount namespace of its own: the test, which removes $root, never sees them.
set_enter() {
  # shellcheck disable=SC2016 # for the inner shell
  enter=(env DEBIAN_FRONTEND=noninteractive LC_ALL=C HOME=/root
    PATH=/usr/sbin:/usr/bin:/sbin:/bin unshare --mount --propagation private
    sh -c 'root=$1 && shift && mount -t proc proc "$root/proc" &&
      mount -t sysfs sysfs "$root/sys" && exec chroot "$root" "$@"'
    sh "$root")
}

inside() {
  "${enter[@]}" "$@"
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
  cp -n "$root"/var/cache/apt/archives/*.deb "$archives/" 2>/dev/null || true
}
