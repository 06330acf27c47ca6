#!/bin/bash
# SPDX-License-Identifier: MIT
# csv files hold the counts as caused; the same paths have the same names after
# a restart, and the same counts if rates are stored and added up.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
enter_scratch

start_sender
send_work
arrived csv read_sent
stop
mv sent first && rm -r csv log

# The same names when collectd starts anew.
start_sender
send_work
stop
names() {
  cut -d' ' -f1 "$1"
}
[ "$(names first)" = "$(names sent)" ] || fail "$(diff first sent)"
say "$(names sent | wc -l) names are the same after a restart"
