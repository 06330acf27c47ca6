#!/bin/bash
# SPDX-License-Identifier: MIT
# write_http into a small HTTP server: JSON, and PUTVAL commands.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
enter_scratch

# shellcheck disable=SC2034 # of write_config
writers="LoadPlugin write_http
<Plugin write_http>
  <Node json>
    URL \"http://127.0.0.1:8080/json\"
    Format JSON
  </Node>
  <Node command>
    URL \"http://127.0.0.1:8080/command\"
    Format Command
  </Node>
</Plugin>"

serve receiver "$python" "$here/receive_http.py" 8080
await_port receiver 8080

start_sender
send_work
for format in json command; do
  arrived "write_http, $format" curl -sf "http://127.0.0.1:8080/$format"
done
stop
