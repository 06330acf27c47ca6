#!/bin/bash
# SPDX-License-Identifier: MIT
# With other busiest files in every read, for as many reads as there are in an
# hour, in which an hour goes by for the plugin: no writer gets more names than
# README says, nor in days of a simulated kernel. The central's value cache and
# write_prometheus forget those that are published no more.
# Argument: how many reads (360).
set -eu
# shellcheck source=tests/fleet/lib.sh
. "$(dirname "$0")/lib.sh"
need rrdtool rrdtool
need carbon-cache graphite-carbon
need influxd influxdb
need collectdctl collectd-utils
enter_scratch
reads=${1:-360}
interval=0.05
max_series=16 # the default
at_once=$((4 * max_series))
step=10 # seconds that go by in a read: the default Interval
names_max=$((at_once + reads * step * at_once / 86400))

writers="LoadPlugin rrdtool
<Plugin rrdtool>
  DataDir \"$scratch/rrd\"
  StepSize 1
  HeartBeat 120
</Plugin>
LoadPlugin write_prometheus
<Plugin write_prometheus>
  Host \"127.0.0.1\"
</Plugin>
LoadPlugin unixsock
<Plugin unixsock>
  SocketFile \"$scratch/sock\"
</Plugin>"

start_carbon
start_influxd
mkdir -p hosts/web001
{
  base_conf web001 "$scratch/hosts/web001" "$scratch/csv"
  localized agent.conf "$scratch" | sed '/127\.0\.0\.2/,/<\/Server>/d'
  localized central/graphite.conf "$scratch"
  printf '%s\n' "$writers" "PluginDir \"${simulated%/*}\"" 'LoadPlugin bpfmem' \
    '<Plugin bpfmem>' 'CollectSlab false' '</Plugin>'
} >hosts/web001/conf
FLEET_CHURN=1 FLEET_STEP=$step FLEET_READS=$reads run_collectd hosts/web001
hosts+=($!)
wait_for 'the host' all_up

# How many names each has.
page() {
  curl -sf http://127.0.0.1:9103/metrics |
    grep -o 'pagefault="srv~churn~[^"]*"' | sort -u | wc -l
}
listed() {
  collectdctl -s sock listval | grep -o 'pagefault-srv~churn~[^/]*' | sort -u | wc -l
}
ended() {
  grep -q 'reading failed' hosts/web001/log
}
most_page=0 most_listed=0
for ((tries = 0; tries < 1200; tries++)); do
  ! ended || break
  now=$(page) && [ "$now" -le "$most_page" ] || most_page=$now
  now=$(listed) && [ "$now" -le "$most_listed" ] || most_listed=$now
  sleep 0.3
done
ended || fail 'the host reads for ever'
refused=$(tail -qn 1 csv/web001/bpfmem-pagefault/derive-names_refused-* | cut -d, -f2)
# A series that is not updated for two intervals is forgotten, when the daemon comes
# to it: so now that nothing is published, none is left.
has_forgotten() {
  [ "$(page)" -eq 0 ] && [ "$(listed)" -eq 0 ]
}
wait_for 'all names to be forgotten' has_forgotten
stop_hosts

csv() {
  find csv/web001 -type d -name 'pagefault-srv~churn~*' | wc -l
}
rrd() {
  find rrd/web001 -path '*/pagefault-srv~churn~*' -name 'ps_pagefaults.rrd' | wc -l
}
whisper() {
  find whisper/collectd -path '*/pagefault-srv~churn~*' -name minflt.wsp | wc -l
}
influxdb() {
  influx 'SHOW TAG VALUES FROM "pagefault" WITH KEY = "instance"' collectd |
    grep -o 'srv~churn~[^"]*' | sort -u | wc -l
}
has_all() {
  [ "$("$1")" -ge "$(csv)" ]
}
for kept in rrd whisper influxdb; do
  wait_for "$(csv) names at $kept" has_all $kept
done
say "$reads reads, $((reads * 24)) files: $(csv) names in csv, $(rrd) in RRD," \
  "$(whisper) in whisper, $(influxdb) in InfluxDB; README allows $names_max"
say "at most $most_listed in the value cache and $most_page on Prometheus' page," \
  "none in the end; $refused times refused"
for kept in csv rrd whisper influxdb; do
  [ "$($kept)" -eq "$names_max" ] || fail "$kept: not $names_max names"
done
[ "$most_page" -ge "$max_series" ] && [ "$most_page" -le "$names_max" ] ||
  fail "Prometheus' page had $most_page names"
[ "$most_listed" -ge "$max_series" ] && [ "$most_listed" -le "$names_max" ] ||
  fail "the value cache had $most_listed names"

# What keeps InfluxDB small is taken as it is shipped, and finds what there is.
while IFS= read -r statement; do
  case $statement in --*) continue ;; esac
  answer=$(influx "$statement" collectd)
  ! grep -q error <<<"$answer" || fail "$statement: $answer"
done <"$shipped/central/influxdb.iql"
[ "$(influx 'SHOW CONTINUOUS QUERIES' | grep -o 'bpfmem_[a-z]*' | sort -u | wc -l)" \
  -eq 2 ] || fail 'not both continuous queries'
influx 'SHOW RETENTION POLICIES' collectd | grep -q '"detail","336h0m0s"' ||
  fail 'not the retention that is shipped'
say 'InfluxDB: retention and continuous queries as shipped'

# What removes old names takes those that nobody updates, and no other.
old=$(find rrd/web001 -type d -name 'pagefault-srv~churn~*' | sort | head -n 1)
touch -d '61 days ago' "$old"/* whisper/collectd/web001/"${old##*/}"/*/*
expire=$(sed -n 's/^23 4 \* \* \* root //p' "$shipped/central/expire.cron" |
  sed "s,/var/lib/rrdcached/db,$scratch/rrd,; s,/var/lib/graphite/whisper,$scratch/whisper,")
sh -c "$expire" || fail "cannot: $expire"
[ ! -e "$old" ] && [ "$(rrd)" -eq $((names_max - 1)) ] ||
  fail "RRD: $(rrd) names after one was old"
[ "$(whisper)" -eq $((names_max - 1)) ] || fail "whisper: $(whisper) after one was old"
say 'expire.cron: removes what is old'

# The same for days, by the core itself: an hour's share more in the first hour,
# then a day's in each day.
"$build/tests/churn" $max_series 10 73 new >hours
# by HOUR COLUMN [FILE]: names, starts of series, and both of a naive ranking.
by() {
  awk -v hour="$1" -v column="$2" '$1 == hour { print $(column + 1) }' "${3:-hours}"
}
say "simulated: $(by 1 1) names in an hour," \
  "$(by 24 1) $(by 48 1) $(by 72 1) by the end of each day; $(by 1 3) $(by 72 3)" \
  "without a memory"
[ "$(by 1 1)" -le $((at_once + at_once / 24 + 1)) ] || fail 'hour'
for day in 1 2 3; do
  [ "$(by $((24 * day)) 1)" -le $((at_once + day * at_once)) ] ||
    fail "day $day"
done
[ "$(by 72 1)" -gt $((3 * at_once)) ] || fail 'no churn in the simulation'
[ "$(by 1 3)" -eq $((360 * max_series)) ] || fail 'not all are new'

# Where the same files have their ups and downs the budget is not spent: it is
# stickiness that keeps series whole.
"$build/tests/churn" $max_series 10 73 bursts >ups_and_downs
say "ups and downs: $(by 1 1 ups_and_downs) names and $(by 1 2 ups_and_downs) series" \
  "begun in an hour; $(by 1 3 ups_and_downs) and $(by 1 4 ups_and_downs) without a memory"
[ "$(by 1 1 ups_and_downs)" -lt $at_once ] || fail 'the budget is spent'
[ $((3 * $(by 1 2 ups_and_downs))) -lt "$(by 1 4 ups_and_downs)" ] || fail 'not sticky'
