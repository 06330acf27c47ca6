#!/bin/bash
# SPDX-License-Identifier: MIT
# The Grafana dashboards, seen: each panel is drawn by Grafana's own components from
# what the real servers answer of an hour that is made up (story.py). None is empty,
# each series has a name, of which one sees the end, a colour of its own, and leads to
# its history; figures scale; restarts and missed events are marked.
set -eu
# shellcheck source=tests/downstream/draw.sh
. "$(dirname "$0")/draw.sh"
command -v npm >/dev/null || {
  echo "needs npm, of Debian's package npm"
  exit 77
}
fetched=$(fetched_dir)
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/downstream/servers.sh
. "$here/servers.sh"
need influxd influxdb
need prometheus prometheus
need curl curl
need carbon-cache graphite-carbon
need_python graphite.settings graphite-web
need_drawing
dashboards=$here/../../contrib/grafana/dashboards
step=10
enter_scratch

start_influxd "$(collectd_listener 25826 split 'security-level = "none"')" \
  "$(collectd_listener 25827 join 'security-level = "none"')"
cat >storage-schemas.conf <<END
[all]
pattern = .*
retentions = ${step}s:2h
END
start_carbon
configure_graphite

# collectd alone: it takes the story by its socket.
base_conf "$host" "$scratch" >collectd.conf
cat >>collectd.conf <<END
LoadPlugin write_graphite
<Plugin write_graphite>
  <Node graphite>
    Host "127.0.0.1"
    Port 2003
    Prefix "collectd."
  </Node>
</Plugin>
LoadPlugin unixsock
<Plugin unixsock>
  SocketFile "$scratch/socket"
</Plugin>
END
serve collectd collectd -f -C collectd.conf
collectd=$!
wait_for collectd test -S socket
end=$(date +%s)
start=$("$python" "$here/story.py" "$scratch/socket" metrics.txt "$end") ||
  fail 'no story'
# What is under way to whisper is there when both have ended.
kill "$collectd"
wait "$collectd"
collectd=''
kill "$carbon"
wait "$carbon" || :
promtool tsdb create-blocks-from openmetrics metrics.txt tsdb >promtool.log ||
  fail 'no blocks'
start_prometheus ''
prepare_drawing

while read -r file server; do
  draw "$file" "$server" "$start" "$end" $step marked
done <<END
bpfmem-prometheus.json prometheus
bpfmem-influxdb.json split
bpfmem-influxdb-join.json join
bpfmem-graphite.json $scratch
END

# What one sees first, for README.
if [ -n "${KEEP_PICTURES:-}" ]; then
  draw bpfmem-prometheus.json prometheus "$start" "$end" $step marked >/dev/null
  browse 932 example-dashboard.png >/dev/null
  cp example-dashboard.png "$KEEP_PICTURES"
fi
