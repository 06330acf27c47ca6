#!/bin/bash
# SPDX-License-Identifier: MIT
# Without privileges: cause and remedy, status 1, nothing on standard output.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root # to become nobody
enter_scratch

# The build directory may be below a home that nobody may enter.
install -m 755 "$top" "$scratch/bpfmem-top"
chmod 755 "$scratch"
as_nobody() {
  setpriv --reuid=65534 --regid=65534 --clear-groups "$scratch/bpfmem-top" "$@"
}

status=0
as_nobody 0.1 1 >out 2>log || status=$?
[ $status -eq 1 ] || fail "status $status: $(cat log)"
[ ! -s out ] || fail "output: $(cat out)"
for probe in pagefault slab; do
  grep -q "^bpfmem-top: $probe: .*: Operation not permitted: .*CAP_BPF" log ||
    fail "$probe: no cause: $(cat log)"
done
grep -qx 'bpfmem-top: run bpfmem-top as root, or grant it CAP_BPF and CAP_PERFMON' \
  log || fail "no remedy: $(cat log)"

as_nobody --probe >list || fail "--probe: status $?"
check_text list
for probe in pagefault slab; do
  tr -s '\n ' ' ' <list | grep -q " $probe: cannot start .*: the process lacks CAP_BPF" ||
    fail "--probe does not say why $probe is refused: $(cat list)"
done
! grep -q -- '-> used$' list || fail "--probe says that it would be used: $(cat list)"
"$top" --probe >list
! grep -q 'lacks CAP_BPF' list || fail "--probe misjudges root: $(cat list)"

# Root of a user namespace has all capabilities, and none over the kernel.
status=0
unshare -U -r "$top" 0.1 1 >out 2>log || status=$?
[ $status -eq 1 ] || fail "status $status in a user namespace: $(cat log)"
for probe in pagefault slab; do
  grep -q "^bpfmem-top: $probe: cannot start .*in a user namespace" log ||
    fail "$probe: not told from a policy: $(cat log)"
done
unshare -U -r "$top" --probe >list || fail "--probe: status $?"
! grep -q -- '-> used$' list || fail "--probe in a user namespace: $(cat list)"
