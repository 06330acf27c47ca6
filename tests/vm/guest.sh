# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Runs tests against the real collectd in a guest: puts the daemon, the plugin
# and tests/daemon where these expect each other.

vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BPFMEM_BUILDDIR:-$vm/../..}
build=$(cd "$build" && pwd)
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# need_kernel "$@": a test has one argument.
need_kernel() {
  [ $# -eq 1 ] || {
    echo "usage: ${0##*/} KERNEL, as tests/vm/run takes it" >&2
    exit 2
  }
  command -v collectd >/dev/null || {
    echo 'needs collectd'
    exit 77
  }
}

# in_guest KERNEL [OPTION of tests/vm/run]...: run the bash script on standard
# input; in it, tests are /bpfmem/tests/daemon/t_*.sh.
in_guest() {
  local kernel=$1 daemon plugins script status=0
  shift
  daemon=$(command -v collectd)
  plugins=$(collectd -h | sed -n 's/^ *Plugin directory *//p')
  script=$(mktemp)
  {
    printf '%s\n' '#!/bin/bash' 'set -eu -o pipefail' 'mkdir -p /var/tmp' \
      'ln -sfn /proc/self/fd /dev/fd' \
      'export BPFMEM_BUILDDIR=/bpfmem'
    cat
  } >"$script"
  "$vm/run" -c 2 "$@" -f "$(command -v bash)" -f "$daemon" \
    -f "$plugins/logfile.so" -f "$plugins/csv.so" \
    -f "$(realpath "${daemon%/*}/../share/collectd/types.db")" \
    -f "$build/.libs/bpfmem.so:/bpfmem/.libs/bpfmem.so" \
    -f "$build/tests/workload/faults:/bpfmem/tests/workload/faults" \
    -f "$build/tests/workload/objects:/bpfmem/tests/workload/objects" \
    -f "$vm/../daemon:/bpfmem/tests/daemon" "$kernel" "$script" || status=$?
  rm -f "$script"
  return $status
}
