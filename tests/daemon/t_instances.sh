#!/bin/bash
# SPDX-License-Identifier: MIT
# Two collectds at once count the same, one goes on when the other ends, and
# neither leaves anything behind. The plugin loaded twice counts once.
# Argument: "two", for the first sentence only, and in short.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/instances.sh
. "$(dirname "$0")/instances.sh"
begin one
begin two
for kind in prog map link; do
  [ -z "$(grep -h "^$kind " "$top/one/ids" "$top/two/ids" | sort | uniq -d)" ] ||
    fail "they share a $kind"
done
work
has_all one
has_all two
end one 0 TERM
work
has_all two
if [ "${1-}" = two ]; then
  end two 137 KILL
  exit
fi

# The other way round.
rm -rf "$top/one"
before[one]=0
begin one
work
has_all one
has_all two
end two 137 KILL
work
has_all one
end one 0 TERM

# Print the csv files of which most lines have the time of another one. A few may: reads
# that are late follow each other within a millisecond.
repeated() {
  awk -F, '{ lines[FILENAME]++ } seen[FILENAME, $1]++ { again[FILENAME]++ }
    END { for (name in again) if (3 * again[name] > lines[name]) print name }' \
    "$scratch/csv/$host"/*/*
}

# once NAME: the collectd of that name, whose configuration loads the plugin
# again by $writers, holds as much as any and counts each event once.
once() {
  begin "$1"
  [ "$(held_counts "$scratch/ids")" = "$(held_counts "$top/two/ids")" ] ||
    fail "$1 holds $(held_counts "$scratch/ids")"
  work
  has_all "$1"
  [ -z "$(repeated)" ] || fail "$1 sends twice: $(repeated | head -n 3)"
  end "$1" 0 TERM
}

# collectd ignores the second line, ...
writers="PluginDir \"${plugin%/*}\"
LoadPlugin bpfmem"
once twice
# ... and a copy of the file refuses.
mkdir "$top/copies"
cp "$plugin" "$top/copies/bpfmem.so"
cp "$plugin" "$top/copies/again.so"
plugin=$top/copies/bpfmem.so
writers="PluginDir \"$top/copies\"
LoadPlugin again"
once copied
has_logged 'bpfmem plugin: loaded as "again", which is refused' ||
  fail 'no message'
