#!/bin/bash
# SPDX-License-Identifier: MIT
# The alerts: collectd's own notifications and Prometheus' rules fire at a file that
# programs wait for, a storm of major faults, a cache that grows, names without a series, events that are lost and
# a silent host, and not before. Times and some limits are shorter here, the rest is as shipped.
# Whatever they tell of is caused: what a kernel misses by chance is simulated.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/downstream/servers.sh
. "$here/servers.sh"
need prometheus prometheus
need curl curl
need_python yaml python3-yaml
many=$build/tests/workload/many simulated=$build/tests/simulated/.libs/bpfmem.so
[ -f "$simulated" ] || fail "no $simulated"
alerts=$(cd "$here/../../contrib/alerts" && pwd)
leaky=key_jar leak_count=211
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
"$python" "$here/check_growth.py" "$alerts" || fail 'bpfmem_growth.py is wrong'

# The same rules in a minute. 5 s of a range have ten scrapes. A storm of 509 faults
# has to show on any disk: 20 a second, and so does 1 ms of waiting. A slab of the cache that leaks is enough.
sed -e 's/\[5m\]/[5s]/; s/\[[26]0*[mh]\]/[5s]/; s/offset 15m/offset 15s/' \
  -e 's/offset 40m/offset 10s/; s/for: .*/for: 2s/; s/> 300$/> 20/; s/> 100$/> 1/' \
  -e 's/> 5000000$/> 4095/' bpfmem.rules.yml >quick.rules.yml
# In collectd the same, each in a single read, as on a busy machine the reads between
# two storms may be quiet.
sed -e 's/Hits [0-9]*/Hits 1/; s/WarningMax 300$/WarningMax 20/' \
  -e '/total_time_in_ms/,/Type>/s/WarningMax 100$/WarningMax 1/' \
  -e 's/WarningMax 5000000$/WarningMax 4095/; s/Window 3600/Window 15/' \
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

# busy COMMAND...: again and again in the background; its process is $busy.
busy() {
  while "$@"; do :; done </dev/null >/dev/null &
  busy=$!
}

# What is under way may go on to its end.
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
! fires "BpfmemFileStalls $host $label" || fail 'stalled before its time'
! fires "BpfmemMajorFaultStorm $host $label" || fail 'a storm before its time'
! fires "BpfmemSlabLeak $host $leaky" || fail 'a leak before its time'

busy "$faults" major_random "$scratch/files/table.db"
expect 'a file that is waited for' "BpfmemFileStalls $host $label" \
  "plugin = pagefault, plugin_instance = $label, type = total_time_in_ms"
expect 'a storm' "BpfmemMajorFaultStorm $host $label" \
  "plugin = pagefault, plugin_instance = $label, type = ps_pagefaults"
rest

mkfifo hold
exec 5<>hold
leaking=()
for ((step = 0; step < 80; step++)); do
  [ $step -lt 2 ] || ! fires "BpfmemSlabLeak $host $leaky" || break
  "$objects" keys $leak_count "$scratch" <hold >objects.out &
  leaking+=($!)
  sleep 0.5
done
expect 'a leak' "BpfmemSlabLeak $host $leaky" \
  "plugin = slab, plugin_instance = $leaky, type = gauge, type_instance = growth"
kill "${leaking[@]}"
wait "${leaking[@]}" || :

# More files than there is room for, in turn and without a pause.
mkdir files/many
(cd files/many && exec "$many" 997 1000000000) >many.out &
busy=$!
expect 'faults of files for which there is no room' "BpfmemFaultsLost $host " \
  'plugin = bpfmem, plugin_instance = pagefault, .*events_untracked'
rest
stop

# Whether a kernel misses events is chance: so this one is simulated. Of some 90,000 a
# second it misses as many as another tenth. Its files are others in each read.
rm log
plugin=$simulated
FLEET_MISSED=5003 FLEET_CHURN=1 start </dev/null
expect 'names refused' "BpfmemNamesRefused $host " \
  'plugin = bpfmem, plugin_instance = pagefault, .*names_refused'
expect 'objects missed' "BpfmemSlabEventsLost $host " \
  'plugin = bpfmem, plugin_instance = slab, .*events_missed'
stop
expect 'a silent host' "BpfmemSilent $host " ''
