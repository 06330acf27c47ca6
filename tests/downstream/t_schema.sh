#!/bin/bash
# SPDX-License-Identifier: MIT
# The dashboards and alert rules are what their sources make, and the sources
# have the types of Grafana's own schema. Needs no root.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=contrib/lib.sh
. "$top/contrib/lib.sh"

skip() {
  say "$*"
  exit 77
}

need() {
  command -v "$1" >/dev/null || skip "needs $1, of Debian's package $2"
}

# Fetched once for each lock file, which says what by its checksum.
fetch_schema() {
  local dir
  dir=$(cache_dir "schema-$(cksum <"$top/contrib/grafana/package-lock.json" |
    cut -d' ' -f1)")
  [ -e "$dir/complete" ] || {
    cp "$top"/contrib/grafana/package*.json "$dir"
    (cd "$dir" && quietly npm ci --ignore-scripts --no-audit --no-fund) ||
      die 'npm could not fetch the schema'
    : >"$dir/complete"
  }
  ln -sfn "$dir/node_modules" "$scratch/node_modules"
}

check_types() {
  node node_modules/typescript/bin/tsc -p .
}

need node nodejs
need npm npm
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

cp -r "$top"/contrib/grafana/{src,package.json,tsconfig.json,generate.js} .
node generate.js made >list
for file in "$top"/contrib/grafana/dashboards/* "$top"/contrib/alerts/*.y*ml; do
  grep -qxF "${file#"$top/contrib/"}" list || die "nothing makes $file"
done
while read -r name; do
  cmp "made/$name" "$top/contrib/$name" ||
    die 'run node contrib/grafana/generate.js'
done <list
say "$(wc -l <list) files are what their sources make"

fetch_schema
check_types || die 'the types are not those of the schema'
# It would see what is wrong.
for wrong in 's/schemaVersion: 39/schemaVersion: "39"/ dashboard' \
  's/word("palette/word("pallete/ panels' 's/showHeader:/showHead:/ panels'; do
  sed -i "${wrong% *}" "src/${wrong##* }.js"
  ! check_types >errors || die "passed: $wrong"
  cp "$top/contrib/grafana/src/${wrong##* }.js" src
done
say "types as in @grafana/schema $(node -p \
  "require('./node_modules/@grafana/schema/package.json').version")"
