# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by the tests of slab objects; to be sourced after guest.sh.
: "${vm:?}" "${arch:?}"

# count_slab KERNEL DAEMONS [ARGUMENTS for the kernel]: what slab.guest.sh does, with a
# daemon for each of these hooks. On one kernel (later ones do not take QEMU's word for
# it) there may be more CPUs than have lines, so that other programs count.
count_slab() {
  local cpus=2 possible=0-1
  [ "$arch $1" != 'x86_64 6.1' ] || cpus=2,maxcpus=17 possible=0-16
  echo "== $2, ${3:-caches merged}, possible CPUs: $possible"
  {
    echo "daemons='$2' possible=$possible"
    cat "$vm/slab.guest.sh"
  } | in_guest "$1" -c "$cpus" -t 400 -a "${3:-}" \
    -f "$vm/slab_judge.sh:/bpfmem/tests/vm/slab_judge.sh"
}
