#!/bin/bash
# SPDX-License-Identifier: MIT
# The alerts: collectd's own notifications and Prometheus' rules fire at a storm
# of major faults, a cache that grows, events that are lost and a silent host,
# and not before. Times and some limits are shorter here, the rest is as shipped.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/downstream/servers.sh
. "$here/servers.sh"
need prometheus prometheus
need curl curl
need_python yaml python3-yaml
many=$build/tests/workload/many
alerts=$(cd "$here/../../contrib/alerts" && pwd)
leaky=key_jar leak_count=1009
enter_scratch

cp "$here/rules_test.yml" "$alerts/bpfmem.rules.yml" .
promtool check rules bpfmem.rules.yml >promtool.log || fail 'bad rules'
promtool test rules rules_test.yml >promtool.log || fail 'the rules are wrong'
# Grafana's are the same, with the limit apart, and $$ for $.
"$python" - "$alerts/grafana-bpfmem.yaml" <<'END' || fail "Grafana's rules differ"
import sys, yaml
grafana, own = (yaml.safe_load(open(name))["groups"][0]["rules"]
                for name in (sys.argv[1], "bpfmem.rules.yml"))
for there, here in zip(grafana, own, strict=True):
    query, limit = (row["model"] for row in there["data"])
    limit = limit["conditions"][0]["evaluator"]["params"][0]
    assert f"({query['expr']})\n> {limit}" == here["expr"], here
    assert there["title"] == here["alert"] and there["for"] == here["for"]
    assert there["annotations"]["summary"].replace("$$", "$") == \
        here["annotations"]["summary"]
END
say "promtool: $(grep -c -- '- name:' rules_test.yml) cases as they should be"

# The same rules in a minute. 5 s of a range have ten scrapes; the limits of what
# is lost and leaked would take a machine of its own. Entry points that are not
# counted on this kernel do not matter to key_jar.
sed -e 's/\[5m\]/[5s]/; s/\[1h\]/[30s]/; s/offset 15m/offset 15s/' \
  -e 's/for: .*/for: 2s/; s/> 100000$/> 1000/; s/> 0.01$/> 0/; s/> 100))/> 0))/' \
  -e 's/uncounted"} > 0/uncounted"} > 99/' bpfmem.rules.yml >quick.rules.yml
# In collectd 300 faults per second for two reads, 1000 objects in a minute.
sed -e 's/Hits 6/Hits 2/; s/Max 1000$/Max 0/; s/Max 100000$/Max 1000/' \
  -e 's/Max 1000000$/Max 100000/; s/Window 3600/Window 60\n    EvenIfUncounted true/' \
  -e "s,ModulePath .*,ModulePath \"$alerts\"," \
  "$alerts/collectd-bpfmem-alerts.conf" >thresholds.conf

interval=0.5
# shellcheck disable=SC2034 # of write_config
writers="LoadPlugin write_prometheus
<Plugin write_prometheus>
  Host \"127.0.0.1\"
  Port \"9103\"
</Plugin>
$(cat thresholds.conf)"

firing() {
  curl -sf http://127.0.0.1:9090/api/v1/alerts | "$python" -c '
import json, sys
for alert in json.load(sys.stdin)["data"]["alerts"]:
    if alert["state"] == "firing":
        labels = alert["labels"]
        print(labels["alertname"], labels["instance"],
              labels.get("pagefault", labels.get("slab", "")))'
}

fires() {
  firing >alerts.now && grep -q "^$1$" alerts.now
}

# notified TEXT: whether logfile has such a notification.
notified() {
  has_logged "Notification: severity = \(WARNING\|FAILURE\), host = $host, $1"
}

# expect WHAT PROMETHEUS COLLECTD: wait until both tell of it.
expect() {
  wait_for "Prometheus to tell of $1: $(cat alerts.now)" fires "$2"
  [ -z "$3" ] || wait_for "collectd to tell of $1" notified "$3"
  say "$1: $2"
}

# busy NAME COMMAND...: again and again in the background; its process is $busy.
busy() {
  # shellcheck disable=SC2016 # of the shell
  bash -c 'while "$@"; do :; done' "$@" </dev/null >/dev/null &
  busy=$!
}

rest() {
  kill "$busy"
  wait "$busy" || :
}

# A series is gone when it is no longer found so far back (5 minutes).
start_prometheus "$scratch/quick.rules.yml" --query.lookback-delta=4s
start <<END
  <PageFaults>
    Hooks "$hooks"
    MaxTracked 64
  </PageFaults>
  <Slab>
    Cache "$leaky"
  </Slab>
END
wait_for 'a scrape' scrapes
# Its first series starts with zero, for one read.
"$objects" keys 7 "$scratch" </dev/null >objects.out
wait_for 'a read' has_reads slab-$leaky/operations-alloc 6
# The machine may do all this by itself, but not to this file and cache.
: >alerts.now
mkdir files
label=$(label "$scratch/files/table.db")
! fires "BpfmemMajorFaultStorm $host $label" || fail 'a storm before its time'
! fires "BpfmemSlabLeak $host $leaky" || fail 'a leak before its time'

busy storm "$faults" major_random "$scratch/files/table.db"
expect 'a storm' "BpfmemMajorFaultStorm $host $label" \
  "plugin = pagefault, plugin_instance = $label"
rest

mkfifo hold
exec {held}<>hold
"$objects" keys $leak_count "$scratch" <hold >objects.out &
objects_pid=$!
expect 'a leak' "BpfmemSlabLeak $host $leaky" \
  "plugin = slab, plugin_instance = $leaky, type = gauge, type_instance = growth"
echo >&"$held"
wait $objects_pid

# More files than there is room for.
mkdir files/many
busy many env -C "$scratch/files/many" "$many" 997
expect 'faults of files for which there is no room' "BpfmemFaultsLost $host " \
  'plugin = bpfmem, plugin_instance = pagefault, .*events_untracked'
rest

# Objects of interrupts, of which some hundred each second come while an event of the
# same kind is counted.
busy contexts "$objects" contexts 5003 "$scratch"
expect 'objects missed' "BpfmemSlabEventsLost $host " \
  'plugin = bpfmem, plugin_instance = slab, .*events_missed'
rest

stop
expect 'a silent host' "BpfmemSilent $host " ''
