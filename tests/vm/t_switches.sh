#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest: function tracing is switched off, before the start and
# while it is in use: nothing is lost silently.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

{
  echo part=switches
  cat "$vm/refusals.guest.sh"
} | in_guest "$1"
