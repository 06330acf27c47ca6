# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by the tests of slab objects; to be sourced after guest.sh.
: "${vm:?}" "${arch:?}"

# count_slab KERNEL DAEMONS [ARGUMENTS for the kernel]: what slab.guest.sh does, with a
# daemon for each of these hooks; the sysroots of other architectures lack slabtop.
count_slab() {
  local tools=()
  [ -n "${sysroot-}" ] || tools=(-f "$(guest_program slabtop)")
  echo "== $2, ${3:-caches merged}"
  {
    echo "daemons='$2'"
    cat "$vm/slab.guest.sh"
  } | in_guest "$1" -t 400 -a "${3:-}" \
    "${tools[@]}" -f "$vm/slab_judge.sh:/bpfmem/tests/vm/slab_judge.sh"
}
