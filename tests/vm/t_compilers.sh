#!/bin/bash
# SPDX-License-Identifier: MIT
# The BPF objects as made by each compiler that is installed, three at least: none has
# an instruction that 5.10 lacks, and in a guest of each kernel the plugin with them
# loads, by each hook, and counts what a workload does. But clang itself, which made those
# of all other tests. Argument: "KERNEL..." in one.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
# shellcheck source=contrib/lib.sh
. "$(dirname "$0")/../../contrib/lib.sh"
need_kernel "$@"
src=$(cd "${BPFMEM_SRCDIR:-$vm/../..}" && pwd)

# Print the versions of clang that are in PATH as clang-VERSION.
versions() {
  compgen -c clang- | sed -n 's/^clang-\([0-9]\{2,\}\)$/\1/p' | sort -nu
}

# Build the plugin as this build is configured, but with BPF objects of clang-$1.
build_with() {
  local dir=$build/compilers/clang-$1 clang=clang-$1
  eval "set -- $("$build/config.status" --config)"
  configure_in "$dir" "$src" "$@" CLANG="$clang"
  cd "$dir"
  make -s bpfmem.la tests/unit/check_instructions
  ./tests/unit/check_instructions
}

mapfile -t versions < <(versions)
echo "compilers: ${versions[*]-none}"
[ ${#versions[@]} -ge 3 ] || {
  echo 'fewer than three: contrib/install-deps compilers' >&2
  exit 1
}
unset MAKEFLAGS MFLAGS
own=$(clang -dumpversion)
sets=()
for version in "${versions[@]}"; do
  [ "$version" != "${own%%.*}" ] || continue
  echo "== built by $("clang-$version" --version | head -n 1)"
  (build_with "$version")
  sets+=(-f "$build/compilers/clang-$version/.libs/bpfmem.so:/bpfmem/sets/$version/bpfmem.so")
done
for kernel in $1; do
  echo "== $kernel"
  in_guest "$kernel" -t 300 "${sets[@]}" <"$vm/compilers.guest.sh"
done
