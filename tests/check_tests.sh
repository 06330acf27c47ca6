#!/bin/bash
# SPDX-License-Identifier: MIT
# Each test says in its head what it shows, those in guests are run by check-vm, each target
# that people call is in `make help', and each test that doc/promises.md names exists.
set -eu
# shellcheck source=tests/complain.sh
. "$(dirname "$0")/complain.sh"

cd "${BPFMEM_SRCDIR:-$(dirname "$0")/..}"

# A sentence of three words at least, where there is one.
tests/run -l | grep -vE '^tests/[^ ]*: [^ ]+( [^ ]+){2}' |
  complain 'has no head that says what it shows'

makefiles=(Makefile.am tests/tests.mk contrib/packaging/package.mk)
help=$(sed -n '/^help:/,/^$/p' Makefile.am)
sed -nE 's/^((check|bench)(-[a-z0-9-]+)?|deb|rpm):.*/\1/p' "${makefiles[@]}" |
  grep -vx check-local | while IFS= read -r target; do
  grep -qE "make ${target}[ ,']" <<<"$help" || echo "$target"
done | complain "'make help' does not have"

# Those that it has are there, but those of automake.
grep -oE 'make [a-z0-9_.-]+' <<<"$help" | cut -d ' ' -f 2 | sort -u |
  grep -vxE 'check|clean|dist|distcheck|install|uninstall' | while IFS= read -r target; do
  grep -q "^$target:" "${makefiles[@]}" || echo "$target"
done | complain "'make help' has what does not exist"

grep -oE 'tests/[A-Za-z0-9_./]*' doc/promises.md | while IFS= read -r name; do
  [ -x "$name" ] || [[ $name == *.c && -f $name ]] || echo "$name"
done | complain 'doc/promises.md names a test that does not exist'

for test in tests/vm/t_*.sh; do
  grep -qw "$(basename "$test" .sh)" tests/tests.mk || echo "$test"
done | complain 'not run by make check-vm'

# A row without one promises too much.
awk -F '|' '/^\|/ && !/^\|(---|.promise)/ && $3 !~ /`tests[/]/ { print $2 }' \
  doc/promises.md | complain 'doc/promises.md has a promise that nothing proves'

[ $bad -eq 0 ]
