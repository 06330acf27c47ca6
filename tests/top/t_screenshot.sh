#!/bin/bash
# SPDX-License-Identifier: MIT
# The picture of the live view in README: contrib/bpfmem-top/screenshot draws what a
# terminal shows of a real run, as valid SVG.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
screenshot=${BPFMEM_SRCDIR:-$(dirname "$0")/../..}/contrib/bpfmem-top/screenshot
screenshot=$(cd "${screenshot%/*}" && pwd)/screenshot
enter_scratch
command -v tmux >/dev/null || {
  echo 'needs tmux, for a terminal whose screen can be read'
  exit 77
}

TMPDIR=$scratch "$screenshot" -c 90 -l 26 -s 24 "$top" "$build/contrib/demo" shot.svg
python3 - <<'END' || fail "not what it should show: $(cat shot.svg)"
import re
import xml.etree.ElementTree as tree

svg = "{http://www.w3.org/2000/svg}"
root = tree.parse("shot.svg").getroot()
lines = {}
for text in root.iter(svg + "text"):
    assert float(text.get("x")) + float(text.get("textLength")) < 90 * 8.4 + 13
    lines.setdefault(float(text.get("y")), []).append(text.text)
screen = [" ".join(lines[y]) for y in sorted(lines)]
assert len(screen) <= 26 and len(root.findall(svg + "rect")) >= 3, screen
for wanted in (r"every 1 s, .*, Linux ", r" FILE$", r"[1-9].* [^ ]*/orders\.db$",
               r" total, missed \d+$", r" CACHE$", r" TCP$", r"^q quit "):
    assert any(re.search(wanted, line) for line in screen), (wanted, screen)
END
[ "$(ls)" = shot.svg ] || fail "left behind: $(ls)"
