#!/bin/bash
# SPDX-License-Identifier: MIT
# write_prometheus, as Prometheus' own parsers read it, and as a real Prometheus
# scrapes and answers it.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/downstream/servers.sh
. "$(dirname "$0")/servers.sh"
need prometheus prometheus
need_python prometheus_client python3-prometheus-client
enter_scratch

# shellcheck disable=SC2034 # of write_config
writers="LoadPlugin write_prometheus
<Plugin write_prometheus>
  Host \"127.0.0.1\"
  Port \"9103\"
</Plugin>"

start_sender
start_prometheus ''
send_work
arrived 'the page' "$python" "$here/read_prometheus.py" page
arrived Prometheus "$python" "$here/read_prometheus.py" server
curl -sf http://127.0.0.1:9103/metrics >page
# promtool does not like that collectd has types called gauge and total_time_in_ms.
complaints=$(promtool check metrics <page 2>&1 | grep -v -e "include type 'gauge'" \
  -e '^collectd_pagefault_total_time_in_ms_total .*abbreviated units$') ||
  :
[ -z "$complaints" ] || fail "promtool: $complaints"
stop
