#!/bin/bash
# SPDX-License-Identifier: MIT
# Each call to the kernel and for memory fails in turn, at start and while it
# reads: no crash, no leak, one message, the other probe goes on.
#
# BPFMEM_INJECT: options of tests/inject/inject, as "-a" for all calls with all
# errors (more than an hour) instead of a few of each kind.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
inject=$build/tests/inject/inject
[ -x "$inject" ] || fail "no $inject"
enter_scratch

# shellcheck disable=SC2086 # a list of words
"$inject" -k "$hooks" ${BPFMEM_INJECT:-} >out 2>err || {
  cat out
  fail "$(tail -n 60 err)"
}
cat out
