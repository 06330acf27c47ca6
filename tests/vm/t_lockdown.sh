#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest that is locked down to confidentiality, which cannot be undone: each probe
# says why it cannot start and what helps, and collectd ends in order.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

{
  echo part=lockdown
  cat "$vm/refusals.guest.sh"
} | in_guest "$1"
