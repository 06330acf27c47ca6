#!/bin/bash
# SPDX-License-Identifier: MIT
# The Grafana dashboards: every query, executed by the real InfluxDB, Graphite
# and Prometheus as Grafana would, has data, and figures are those of a workload.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/downstream/servers.sh
. "$here/servers.sh"
need influxd influxdb
need prometheus prometheus
need curl curl
need carbon-cache graphite-carbon
need_python graphite.settings graphite-web
dashboards=$here/../../contrib/grafana/dashboards
enter_scratch

# As often as there are points. The default is 10 s, of all.
interval=1
# shellcheck disable=SC2034 # of write_config
writers=$all_writers
start_influxd "$(collectd_listener 25826 split 'security-level = "none"')" \
  "$(collectd_listener 25827 join 'security-level = "none"')"
start_carbon
configure_graphite
start_prometheus ''

# keep COUNT: objects that stay; they wait for a line.
keepers=()
keep() {
  "$objects" contexts "$1" "$scratch" <hold >objects.out &
  keepers+=($!)
  wait_for objects grep -qs "created $1" objects.out
}

start_time=$(date +%s)
start <<END
  <PageFaults>
    Hooks "$hooks"
    SampleAbove 0
    File "/^$scratch/files/"
  </PageFaults>
  <Slab>
    Cache "$cache"
    Cache "filp"
    Cache "dentry"
  </Slab>
END
wait_for 'a read' has_reads pagefault-other/ps_pagefaults 2
wait_for 'a scrape' scrapes

# Some that come and go: 7 so that there is a series, 7 more that it counts. Then
# objects that stay, more than the cache has room for, files with faults of both kinds.
"$objects" contexts 7 "$scratch" </dev/null >/dev/null
await_reads slab-other/operations-alloc
"$objects" contexts 7 "$scratch" </dev/null >/dev/null
mkdir files
mkfifo hold
exec 5<>hold
keep 1511
for name in table.db libc.so.6 'a+b'; do
  "$faults" major_random "$scratch/files/$name" >/dev/null
  for _ in 1 2 3; do
    "$faults" private_write "$scratch/files/$name" >/dev/null
  done
done
label=$(label "$scratch/files/libc.so.6")
await_all
# Some more, for those who look from now on only.
middle=$(date +%s)
await_all
keep 1009
await_all
# Until the last of them is at all servers: two more scrapes and batches.
await_all

# check FILE SERVER
check() {
  "$python" "$here/check_dashboards.py" "$dashboards/$1" "$2" "$start_time" \
    "$middle" "csv/$host" "$label" "$cache" >figures 2>check.err
}

# Others may use the cache, between csv and a query.
while read -r file server; do
  for ((tries = 0; tries < 20; tries++)); do
    ! check "$file" "$server" || break
    sleep 1
  done
  [ $tries -lt 20 ] || fail "$file: $(cat check.err)"
  say "$file" && cat figures
done <<END
bpfmem-prometheus.json prometheus
bpfmem-influxdb.json split
bpfmem-influxdb-join.json join
bpfmem-graphite.json $scratch
END
kill "${keepers[@]}"
stop
