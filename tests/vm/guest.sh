# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Runs tests against the real collectd in a guest: puts the daemon, the plugin
# and tests/daemon where these expect each other.

vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BPFMEM_BUILDDIR:-$vm/../..}
build=$(cd "$build" && pwd)
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

arch=${BPFMEM_ARCH:-$(uname -m)}

skip() {
  printf '%s\n' "$*"
  exit 77
}

# need_kernel "$@": a test has one argument.
need_kernel() {
  [ $# -eq 1 ] || {
    echo "usage: ${0##*/} KERNEL, as tests/vm/run takes it" >&2
    exit 2
  }
  command -v "qemu-system-$arch" >/dev/null || skip "needs qemu-system-$arch"
  if [ "$arch" = "$(uname -m)" ]; then
    sysroot=''
    command -v collectd >/dev/null || skip 'needs collectd'
    return
  fi
  command -v "$arch-linux-gnu-gcc" >/dev/null ||
    skip "needs $arch-linux-gnu-gcc, to build for $arch"
  sysroot=$("$vm/sysroot" "$arch")
}

# Print what makes a program of Debian known to tests/vm/run: this machine's, or
# that of the sysroot.
guest_program() {
  local path
  if [ -z "$sysroot" ]; then
    command -v "$1"
    return
  fi
  for path in "/usr/bin/$1" "/usr/sbin/$1"; do
    [ ! -e "$sysroot$path" ] || {
      echo "$sysroot$path:$path"
      return
    }
  done
  echo "the sysroot has no $1" >&2
  return 1
}

# Print the same of collectd's file $1, which is a plugin or types.db.
collectd_file() {
  local daemon plugins=/usr/lib/collectd share=/usr/share/collectd
  if [ -z "$sysroot" ]; then
    daemon=$(command -v collectd)
    plugins=$(collectd -h | sed -n 's/^ *Plugin directory *//p')
    share=$(realpath "${daemon%/*}/../share/collectd")
  fi
  case $1 in
  *.so) echo "$sysroot$plugins/$1:$plugins/$1" ;;
  *) echo "$sysroot$share/$1:$share/$1" ;;
  esac
}

# in_guest KERNEL [OPTION of tests/vm/run]...: run the bash script on standard
# input; in it, tests are /bpfmem/tests/daemon/t_*.sh. With $BPFMEM_GATHER, leave options
# and script in that directory instead, for together.sh.
in_guest() {
  local kernel=$1 script options status=0
  shift
  script=$(mktemp)
  {
    printf '%s\n' '#!/bin/bash' 'set -eu -o pipefail' 'mkdir -p /var/tmp' \
      'ln -sfn /proc/self/fd /dev/fd' \
      'export BPFMEM_BUILDDIR=/bpfmem'
    cat
  } >"$script"
  options=(-c 2 "$@" -f "$(guest_program bash)"
    -f "$(guest_program collectd)" -f "$(collectd_file logfile.so)"
    -f "$(collectd_file csv.so)" -f "$(collectd_file types.db)"
    -f "$build/.libs/bpfmem.so:/bpfmem/.libs/bpfmem.so"
    -f "$build/tests/workload/faults:/bpfmem/tests/workload/faults"
    -f "$build/tests/workload/objects:/bpfmem/tests/workload/objects"
    -f "$vm/../daemon:/bpfmem/tests/daemon")
  if [ -n "${BPFMEM_GATHER-}" ]; then
    [ ! -e "$BPFMEM_GATHER/script" ] || {
      echo 'together.sh has one guest, not two'
      exit 1
    }
    printf '%s\0' "${options[@]}" >"$BPFMEM_GATHER/options"
    mv "$script" "$BPFMEM_GATHER/script"
    return
  fi
  "$vm/run" "${options[@]}" "$kernel" "$script" || status=$?
  rm -f "$script"
  return $status
}
