#!/bin/bash
# SPDX-License-Identifier: MIT
# In guests: when the kernel or a policy says no, each probe that cannot start says
# why and what helps, the other one counts, and collectd goes on.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

run() {
  local kernel=$1 part=$2
  shift 2
  {
    echo "part=$part"
    cat "$vm/refusals.guest.sh"
  } | in_guest "$kernel" "$@" -f "$(guest_program setpriv)" \
    -f "$build/tests/workload/refuse:/bpfmem/tests/workload/refuse"
}

run "$1" policies
run "$1" lockdown -a lockdown=confidentiality
