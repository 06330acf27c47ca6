#!/bin/bash
# SPDX-License-Identifier: MIT
# write_graphite into carbon-cache: whisper files hold the counts, and rates that
# add up to them; graphite-web finds and draws them.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/downstream/servers.sh
. "$(dirname "$0")/servers.sh"
need carbon-cache graphite-carbon
need_python whisper graphite-carbon
need_python graphite.settings graphite-web
enter_scratch

# More than whisper's step of 1 s, so that two reads share a point only if one is late.
interval=1.5
# shellcheck disable=SC2034 # of write_config
writers=$graphite_writers

start_carbon

# In Graphite's names a dot is a level, so write_graphite makes it "_".
expected() {
  read_sent | sed 's/\./_/g' | sort
}

start_sender
send_work
arrived 'whisper, counts' "$python" "$here/read_whisper.py" counts whisper
arrived 'whisper, rates' "$python" "$here/read_whisper.py" rates whisper \
  "csv/$host"

configure_graphite
arrived graphite-web "$python" "$here/render_graphite.py" "$scratch"
for name in stalled graphite growth; do
  grep -q PNG $name.png || fail "no picture $name"
  [ -z "${KEEP_PICTURES:-}" ] || cp $name.png "$KEEP_PICTURES"
done
stop
