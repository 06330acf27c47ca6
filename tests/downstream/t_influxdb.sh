#!/bin/bash
# SPDX-License-Identifier: MIT
# The network plugin into InfluxDB's own listener, with data sources as
# measurements (split) and as fields (join), the latter encrypted.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/downstream/servers.sh
. "$(dirname "$0")/servers.sh"
need influxd influxdb
enter_scratch

# shellcheck disable=SC2034 # of write_config
writers="LoadPlugin network
<Plugin network>
  Server \"127.0.0.1\" \"25826\"
  <Server \"127.0.0.1\" \"25827\">
    SecurityLevel Encrypt
    Username \"web01\"
    Password \"right\"
  </Server>
</Plugin>"

echo 'web01: right' >users
start_influxd "$(collectd_listener 25826 split 'security-level = "none"')" \
  "$(collectd_listener 25827 join 'security-level = "encrypt"' \
    "auth-file = \"$scratch/users\"")"

start_sender
send_work
arrived 'InfluxDB, split' "$python" "$here/read_influx.py" split
arrived 'InfluxDB, join, encrypted' "$python" "$here/read_influx.py" join
stop
