#!/bin/bash
# SPDX-License-Identifier: MIT
# Objects of known caches, created and destroyed through every entry point of
# the allocator, are counted, by each hook; also where caches are merged.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

# run DAEMONS [ARGUMENTS for the kernel]
run() {
  echo "== $1, ${2:-caches merged}"
  {
    echo "daemons='$1'"
    cat "$vm/slab.guest.sh"
  } | in_guest "$kernel" -t 400 -a "${2:-}" \
    -f "$vm/slab_judge.sh:/bpfmem/tests/vm/slab_judge.sh"
}

kernel=$1
run 'fexit kprobe tracepoint recover' slab_nomerge
run auto
