#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest: when a policy says no, each probe that cannot start says
# why and what helps, the other one counts, and collectd goes on.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

{
  echo part=policies
  cat "$vm/refusals.guest.sh"
} | in_guest "$1" -f "$(guest_program setpriv)" \
  -f "$build/tests/workload/refuse:/bpfmem/tests/workload/refuse"
