#!/bin/bash
# SPDX-License-Identifier: MIT
# The writers of lines, into receivers that take nothing but what they expect:
# write_tsdb, write_influxdb_udp, write_sensu, write_syslog, write_log. Not
# write_riemann: that of collectd 5.12 ends the daemon at its first value, from
# whatever plugin (an argument list without its end in wrr_value_to_event()).
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
enter_scratch

# shellcheck disable=SC2034 # of write_config
writers="LoadPlugin write_tsdb
<Plugin write_tsdb>
  <Node>
    Host \"127.0.0.1\"
    Port \"4242\"
  </Node>
</Plugin>
LoadPlugin write_influxdb_udp
<Plugin write_influxdb_udp>
  Server \"127.0.0.1\" \"8089\"
</Plugin>
LoadPlugin write_sensu
<Plugin write_sensu>
  <Node far>
    Host \"127.0.0.1\"
    Port \"3030\"
    StoreRates false
    Metrics true
    MetricHandler \"counts\"
  </Node>
</Plugin>
LoadPlugin write_syslog
<Plugin write_syslog>
  <Node json>
    Host \"127.0.0.1\"
    Port \"44514\"
    MessageFormat \"JSON\"
    Prefix \"collectd\"
  </Node>
  <Node human>
    Host \"127.0.0.1\"
    Port \"44515\"
    MessageFormat \"human\"
    AlwaysAppendDS true
  </Node>
</Plugin>
LoadPlugin write_log
<Plugin write_log>
  Format JSON
</Plugin>"

serve receiver "$python" "$here/receive_text.py" 8080
await_port receiver 8080

start_sender
send_work
for writer in tsdb influxdb_udp sensu syslog syslog-human; do
  arrived "$writer" curl -sf "http://127.0.0.1:8080/$writer"
done
arrived write_log "$python" "$here/read_log.py" log
stop
! grep -nP '[^\t -~]' log || fail 'more than printable characters in the log'
