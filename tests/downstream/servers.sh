# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by the tests of several servers at once, after lib.sh: each server as
# its users have it, but for a point per second.
# shellcheck disable=SC2154 # what lib.sh has

# RRD's shortest step, with the test's $interval 1 or more. As many seconds as there
# are rows in the first archive, so that it has one value per step, as with the
# default interval and archives. A late read on a busy machine shall not make a gap.
rrd_writers() {
  local archive='StepSize 1
  HeartBeat 30
  RRATimespan 1200
  RRATimespan 86400'
  cat <<END
LoadPlugin rrdtool
<Plugin rrdtool>
  DataDir "$scratch/rrd"
  $archive
</Plugin>
LoadPlugin rrdcached
<Plugin rrdcached>
  DaemonAddress "unix:$scratch/rrdcached.sock"
  DataDir "$scratch/cached"
  $archive
</Plugin>
END
}

# An rrdcached that writes at most after a minute: what is read back before comes
# by a flush.
start_rrdcached() {
  mkdir journal
  serve rrdcached rrdcached -g -w 60 -j "$scratch/journal" -b "$scratch/cached" \
    -B -R -p "$scratch/rrdcached.pid" -l "unix:$scratch/rrdcached.sock"
  wait_for rrdcached test -S rrdcached.sock
}

# Counts and rates into whisper, the rates with SeparateInstances.
# shellcheck disable=SC2034 # of write_config
graphite_writers='LoadPlugin write_graphite
<Plugin write_graphite>
  <Node counts>
    Host "127.0.0.1"
    Port 2003
    Prefix "counts."
    StoreRates false
  </Node>
  <Node rates>
    Host "127.0.0.1"
    Port 2003
    Prefix "rates."
    SeparateInstances true
  </Node>
</Plugin>'

# collectd_listener PORT split|join SETTING...: a part of influxd's configuration;
# what comes there goes to a database of that name.
collectd_listener() {
  printf '%s\n' '[[collectd]]' 'enabled = true' \
    "bind-address = \"127.0.0.1:$1\"" "database = \"$2\"" \
    'typesdb = "/usr/share/collectd/types.db"' 'batch-timeout = "250ms"' \
    "parse-multivalue-plugin = \"$2\"" "${@:3}"
}

# start_influxd LISTENER...
start_influxd() {
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
$(printf '%s\n' "$@")
END
  serve influxd influxd -config "$scratch/influxdb.conf"
  await_port influxd 8086
}

# What graphite-web needs to run in a process of ours.
configure_graphite() {
  cat >graphite_settings.py <<END
from graphite.settings import *
SECRET_KEY = "of a test"
ALLOWED_HOSTS = ["*"]
WHISPER_DIR = "$scratch/whisper"
STANDARD_DIRS = [WHISPER_DIR]
CARBONLINK_HOSTS = []
LOG_DIR = "$scratch"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3",
                         "NAME": "$scratch/graphite.db"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
END
  # It keeps who looks for names.
  PYTHONPATH=$scratch "$python" -m django migrate --run-syncdb -v 0 \
    --settings graphite_settings >graphite.log 2>&1 || fail 'graphite-web'
}

# start_prometheus RULES [OPTION]...: scrapes more often than collectd reads, so that it
# sees the zero that a series starts with.
start_prometheus() {
  cat >prometheus.yml <<END
global:
  scrape_interval: 500ms
  scrape_timeout: 500ms
  evaluation_interval: 1s
rule_files: [$1]
scrape_configs:
  - job_name: collectd
    honor_labels: true
    static_configs:
      - targets: ['127.0.0.1:9103']
END
  promtool check config prometheus.yml >promtool.log 2>&1 ||
    fail 'bad configuration'
  serve prometheus prometheus --config.file=prometheus.yml \
    --storage.tsdb.path="$scratch/tsdb" --web.listen-address=127.0.0.1:9090 \
    "${@:2}"
  await_port prometheus 9090
}

# It looks at its targets 5 s after its start for the first time.
scrapes() {
  curl -sf 'http://127.0.0.1:9090/api/v1/query?query=up' | grep -q ',"1"\]'
}

# What sends to all of them.
# shellcheck disable=SC2034 # of write_config
all_writers='LoadPlugin network
<Plugin network>
  Server "127.0.0.1" "25826"
  Server "127.0.0.1" "25827"
</Plugin>
LoadPlugin write_graphite
<Plugin write_graphite>
  <Node graphite>
    Host "127.0.0.1"
    Port 2003
    Prefix "collectd."
  </Node>
</Plugin>
LoadPlugin write_prometheus
<Plugin write_prometheus>
  Host "127.0.0.1"
  Port "9103"
</Plugin>'
