#!/bin/bash
# SPDX-License-Identifier: MIT
# The network plugin into InfluxDB's own listener, with data sources as
# measurements (split) and as fields (join), the latter encrypted.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
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

# listener PORT DATABASE SETTING...
listener() {
  printf '%s\n' '[[collectd]]' 'enabled = true' \
    "bind-address = \"127.0.0.1:$1\"" "database = \"$2\"" \
    'typesdb = "/usr/share/collectd/types.db"' 'batch-timeout = "250ms"' "${@:3}"
}

echo 'web01: right' >users
cat >influxdb.conf <<END
reporting-disabled = true
bind-address = "127.0.0.1:8088"
[meta]
dir = "$scratch/influx/meta"
[data]
dir = "$scratch/influx/data"
wal-dir = "$scratch/influx/wal"
[http]
bind-address = "127.0.0.1:8086"
log-enabled = false
$(listener 25826 split 'parse-multivalue-plugin = "split"' \
  'security-level = "none"')
$(listener 25827 join 'parse-multivalue-plugin = "join"' \
  'security-level = "encrypt"' "auth-file = \"$scratch/users\"")
END
serve influxd influxd -config "$scratch/influxdb.conf"
await_port influxd 8086

start_sender
send_work
arrived 'InfluxDB, split' "$python" "$here/read_influx.py" split
arrived 'InfluxDB, join, encrypted' "$python" "$here/read_influx.py" join
stop
