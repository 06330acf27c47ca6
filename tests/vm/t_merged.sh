#!/bin/bash
# SPDX-License-Identifier: MIT
# As t_slab.sh, with the hooks chosen by themselves, where the kernel has merged
# caches of one size: they have one name, which slabinfo has as well.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
# shellcheck source=tests/vm/slab.sh
. "$vm/slab.sh"
need_kernel "$@"

count_slab "$1" auto
