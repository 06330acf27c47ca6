#!/bin/bash
# SPDX-License-Identifier: MIT
# Objects of known caches, created and destroyed through every entry point of
# the allocator, are counted, by each hook.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
# shellcheck source=tests/vm/slab.sh
. "$vm/slab.sh"
need_kernel "$@"

count_slab "$1" 'auto fexit kprobe tracepoint' slab_nomerge
