# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by the tests of fleets: collectds that stand for hosts, and central ones,
# with the configuration of contrib/fleet. The hosts' plugin is the real one but
# for the kernel, which is simulated: see tests/simulated.c.
#
# As a test of downstreams, each has a network namespace of its own.

fleet_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/downstream/lib.sh
. "$fleet_dir/../downstream/lib.sh"
simulated=$build/tests/simulated/.libs/bpfmem.so
[ -f "$simulated" ] || fail "no $simulated"
shipped=$fleet_dir/../../contrib/fleet
# What a default configuration publishes at most: 16 files, 8 classes; 8 caches
# (alloc, free, active, held) and other; the time stalled of those files and other; 37
# statistics.
# shellcheck disable=SC2034 # for the tests
series_max=$((24 + 17 + 8 * 4 + 2 + 37))
# Each of the first 24 has two values.
# shellcheck disable=SC2034
values_max=$((series_max + 24))

# localized FILE DIR [ADDRESS]: print a shipped configuration with this test's
# addresses and paths, those below DIR.
localized() {
  local text
  text=$(sed -e 's/collect-a\.example\.com/127.0.0.1/' \
    -e 's/collect-b\.example\.com/127.0.0.2/' \
    -e "s/0\\.0\\.0\\.0/${3:-127.0.0.1}/" \
    -e "s,\"/etc/collectd/passwd\",\"$scratch/users\"," \
    -e "s,/etc/influxdb/collectd-passwd,$scratch/users," \
    -e "s,unix:/run,unix:$2," -e "s,=/run,=$2," -e "s,/var/lib/rrdcached,$2," \
    "$shipped/$1")
  grep -nE '^[^#]*(example\.com|[ "]0\.0\.0\.0|/etc/|[:=]/run/|/var/lib/)' <<<"$text" >&2 &&
    fail "$1 has what is not of this test"
  printf '%s\n' "$text"
}

# run_collectd DIR: with DIR/conf; its process is \$!.
run_collectd() {
  collectd -f -C "$1/conf" >"$1/output" 2>&1 </dev/null &
}

is_up() {
  grep -qs 'entering read-loop' "$1/log"
}

# start_central NAME ADDRESS FILE...: with these files of contrib/fleet/central.
# Sets $central to its process. What it takes is in NAME/csv.
start_central() {
  local name=$1 address=$2 file
  shift 2
  mkdir -p "$name"
  rm -f "$name/log"
  echo 'agents: change me' >users
  {
    base_conf "$name" "$scratch/$name" "$scratch/$name/csv"
    for file; do
      localized "central/$file" "$scratch/$name" "$address"
    done
  } >"$name/conf"
  run_collectd "$name"
  # shellcheck disable=SC2034 # for the tests
  central=$!
  wait_for "central $name" is_up "$name"
}

# start_host NAME NUMBER [PLUGIN] [ADDRESSES]: an agent of contrib/fleet. What it
# sends is in sent/NAME too. ADDRESSES: a or ab, the centrals that it sends to.
start_host() {
  local name=$1 plugin=${3:-$simulated} addresses=${4:-ab}
  mkdir -p "hosts/$name"
  {
    base_conf "$name" "$scratch/hosts/$name" "$scratch/sent"
    localized agent.conf "$scratch" | if [ "$addresses" = ab ]; then cat; else
      sed '/127\.0\.0\.2/,/<\/Server>/d'
    fi
    printf 'PluginDir "%s"\nLoadPlugin bpfmem\n' "${plugin%/*}"
  } >"hosts/$name/conf"
  FLEET_HOST=$2 run_collectd "hosts/$name"
  hosts+=($!)
}

hosts=()
all_up() {
  local dir
  for dir in hosts/*/; do is_up "$dir" || return 1; done
}

# End all hosts. Of the last read, what is in the write queue is neither sent nor in
# sent/.
stop_hosts() {
  local host
  kill "${hosts[@]}"
  for host in "${hosts[@]}"; do
    wait "$host" || fail "a host's collectd ended with status $?"
  done
}

# network_stat CENTRAL SERIES [COLUMN]: the last that ReportStats has.
network_stat() {
  cat "$1/csv/$1/network/$2"-20* 2>/dev/null | tail -n 1 |
    cut -d, -f$((${3:-1} + 1))
}

# udp NAME: this network namespace's count of UDP since it began.
udp() {
  awk -v name="$1" '$1 == "Udp:" {
    if (!column) for (column = NF; $column != name; column--) ;
    else print $column }' /proc/net/snmp
}

# cpu_ns PID [THREAD]: time on a processor, of all threads or those of that name.
cpu_ns() {
  local task total=0 ns
  for task in /proc/"$1"/task/*/; do
    [ -z "${2:-}" ] || grep -q "$2" "$task/comm" || continue
    read -r ns _ <"$task/schedstat"
    total=$((total + ns))
  done
  echo $total
}

# start_rrdcached DIR [TIMEOUT JITTER]: as its shipped defaults have it, in DIR,
# which has db and journal. Sets $rrdcached to its process.
start_rrdcached() {
  rm -f "$1/rrdcached.sock"
  # shellcheck disable=SC1090,SC2086 # what localized prints; words of a list
  (
    . <(localized central/rrdcached.default "$scratch/$1")
    exec rrdcached -g -w "${2:-$WRITE_TIMEOUT}" -z "${3:-$WRITE_JITTER}" \
      -t "$WRITE_THREADS" -b "$BASE_PATH" -j "$JOURNAL_PATH" -p "$PIDFILE" \
      -l "unix:$SOCKFILE" $BASE_OPTIONS
  ) >rrdcached.log 2>&1 </dev/null &
  # shellcheck disable=SC2034 # for the tests
  rrdcached=$!
  wait_for rrdcached test -S "$1/rrdcached.sock"
}

# InfluxDB as contrib/fleet has it; snapshots are not made to wait for an hour.
# Sets $influxd to its process.
start_influxd() {
  echo 'agents: change me' >users
  {
    printf '%s\n' 'reporting-disabled = true' 'bind-address = "127.0.0.1:8088"' \
      '[meta]' "dir = \"$scratch/influx/meta\"" '[http]' \
      'bind-address = "127.0.0.1:8086"' 'log-enabled = false'
    localized central/influxdb.conf "$scratch" | sed "/^\[data\]/a\\
dir = \"$scratch/influx/data\"\\
wal-dir = \"$scratch/influx/wal\"\\
query-log-enabled = false\\
cache-snapshot-write-cold-duration = \"2s\"
s/:25826/127.0.0.1:25826/"
  } >influxdb.conf
  serve influxd influxd -config "$scratch/influxdb.conf"
  # shellcheck disable=SC2034 # for the tests
  influxd=$!
  await_port influxd 8086
}

# influx STATEMENT [DATABASE]: print the answer.
influx() {
  curl -sf http://127.0.0.1:8086/query --data-urlencode "q=$1" -d "db=${2:-}"
}
