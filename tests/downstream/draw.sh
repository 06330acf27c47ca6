# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Dashboards as Grafana's own components draw them, in a browser without a window.
# Before lib.sh, which closes the network, so that npm can fetch them.
# shellcheck disable=SC2154 # what lib.sh has

# Debian's, or the whole browser.
browser=$(command -v chromium-headless-shell || command -v chromium || :)

# Once for each lock file, which says what by checksums. Called where the test was.
fetched_dir() (
  set -e
  dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  # shellcheck source=contrib/lib.sh
  . "$dir/../../contrib/lib.sh"
  to=$(cache_dir "draw-$(cksum <"$dir/draw/package-lock.json" | cut -d' ' -f1)")
  [ -e "$to/complete" ] || {
    cp "$dir"/draw/package*.json "$to"
    (cd "$to" && quietly npm ci --ignore-scripts --no-audit --no-fund) >&2 ||
      die 'npm could not fetch what draws'
    : >"$to/complete"
  }
  printf '%s\n' "$to"
)

need_drawing() {
  need node nodejs
  [ -n "$browser" ] || skip 'needs chromium-headless-shell, of Debian'
}

# What is in $fetched and the page make board.js and board.css.
prepare_drawing() {
  cp "$here/draw/board.jsx" "$fetched"
  (cd "$fetched" && node_modules/.bin/esbuild board.jsx --bundle --format=iife \
    --jsx=automatic --define:process.env.NODE_ENV='"production"' \
    --loader:.svg=dataurl --external:monaco-editor --outfile="$scratch/board.js") >esbuild.log 2>&1 ||
    fail 'esbuild'
  cat >page.html <<'END'
<!doctype html>
<meta charset="utf-8">
<link rel="stylesheet" href="board.css">
<style>
  body { background: #111217; color: #ccccdc; margin: 8px; font: 14px "DejaVu Sans" }
  #root { position: relative }
</style>
<div id="root"></div>
<script src="answers.js"></script>
<script src="board.js"></script>
END
}

# browse HEIGHT PICTURE: print what the page came to, and take its picture. It can
# reach no other machine, as the test has a network of its own.
browse() {
  "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars \
    --user-data-dir="$scratch/browser" --virtual-time-budget=8000 \
    --window-size="1544,$1" --dump-dom --screenshot="$scratch/$2" \
    "file://$scratch/page.html" 2>browser.log
}

# draw FILE SERVER START END STEP [marked]: into a PNG; fails if something is wrong
# with what is seen.
draw() {
  local name=${1%.json} rows
  rows=$("$python" "$here/ask_board.py" "$dashboards/$1" "${@:2}" 2>ask.err) ||
    fail "$1: $(cat ask.err)"
  browse $((rows * 37 + 16)) "$name.png" >dom.html || fail "$1: no page"
  [ -z "${KEEP_PICTURES:-}" ] || cp "$name.png" "$KEEP_PICTURES"
  sed -n 's/.*<script type="text\/plain" id="told">\(.*\)<\/script>.*/\1/p' dom.html >told
  [ -s told ] || fail "$1 is not drawn: $(grep CONSOLE browser.log)"
  "$python" -c '
import json, sys
told = json.load(sys.stdin)
print(sys.argv[1] + ":", told["panels"], "panels drawn")
print(*told["faults"], sep="\n")
sys.exit(bool(told["faults"]))' "$1" <told >drawn || fail "$(cat drawn)"
  head -n 1 drawn
}
