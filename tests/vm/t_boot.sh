#!/bin/bash
# SPDX-License-Identifier: MIT
# The harness itself: does the kernel boot, and does every workload run there?
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

workload=$build/tests/workload
"$vm/run" -c 2 -f "$workload/faults:/usr/bin/faults" \
  -f "$workload/objects:/usr/bin/objects" "$1" "$vm/selftest.sh"
