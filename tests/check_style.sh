#!/bin/bash
# SPDX-License-Identifier: MIT
# Format, comments and size of files.
set -eu
# shellcheck source=tests/complain.sh
. "$(dirname "$0")/complain.sh"

cd "${BPFMEM_SRCDIR:-$(dirname "$0")/..}"
lines_max=500

mapfile -t c_files < <(find bpf plugin contrib tests -name '*.[ch]' \
  ! -name '*.skel.h' | sort)
mapfile -t scripts < <(grep -rlE -m 1 '^(#!/bin/(ba)?sh|# shellcheck shell=)' \
  .ci contrib tests | sort)
texts=("${c_files[@]}" "${scripts[@]}" Makefile.am configure.ac
  m4/bpfmem_*.m4 collectd.conf.d/*.conf)

# Another version would format otherwise.
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
  clang-format --dry-run -Werror "${c_files[@]}" 2>&1 | grep -E 'error:' |
    complain 'clang-format would change'
else
  echo 'note: no clang-format 14 here, so formatting is not checked'
fi

if command -v shellcheck >/dev/null; then
  # SC2015, A && B || C: where B cannot fail, which is for the reader to see.
  printf '%s\0' "${scripts[@]}" |
    xargs -0 -n 8 -P "$(nproc)" shellcheck -x -P SCRIPTDIR -e SC2015 -f gcc |
    complain 'shellcheck says'
else
  echo 'note: no shellcheck here, so scripts are not checked'
fi

awk 'FNR > 1 && /^[[:space:]]*\/\/|[;{}),][[:space:]]*\/\// {
  print FILENAME ":" FNR ": " $0 }' "${c_files[@]}" |
  complain 'a comment with //: those are for temporary notes'

grep -nE '[[:space:]]+$' "${texts[@]}" | complain 'blanks at the end of a line'

# groff warns where a page ends within a cell of several lines, and where pages end
# depends on all that comes before: such a table asks for room.
awk '/^\.TS/ { start = FNR; asked = before ~ /^\.ne /; cells = 0 }
  /T\{/ { cells = 1 }
  /^\.TE/ && cells && !asked { print FILENAME ":" start }
  { before = $0 }' man/*.[58] | complain 'a table with cells of several lines and no .ne'

for file in "${texts[@]}"; do
  lines=$(wc -l <"$file")
  [ "$lines" -le $lines_max ] || echo "$file: $lines"
done | complain "more than $lines_max lines"

for file in "${c_files[@]}" "${scripts[@]}"; do
  head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT' || echo "$file"
done | complain 'no SPDX line'

[ $bad -eq 0 ]
