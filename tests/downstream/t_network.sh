#!/bin/bash
# SPDX-License-Identifier: MIT
# The network plugin, encrypted and signed, into central collectds and their
# writers; with a wrong password nothing arrives.
set -eu
# shellcheck source=tests/downstream/lib.sh
. "$(dirname "$0")/lib.sh"
need rrdtool rrdtool
enter_scratch

interval=1 # RRD's shortest step

# server PORT LEVEL PASSWORD
server() {
  cat <<END
  <Server "127.0.0.1" "$1">
    SecurityLevel $2
    Username "web01"
    Password "$3"
  </Server>
END
}

# shellcheck disable=SC2034 # of write_config
writers="LoadPlugin network
<Plugin network>
$(server 25826 Encrypt right)
$(server 25827 Sign right)
$(server 25828 Encrypt wrong)
$(server 25829 Sign wrong)
  Server \"127.0.0.1\" \"25830\"
</Plugin>"

# central PORT LEVEL: start one that takes what is secured so. It counts what it
# takes and what it drops, as a host of its own name.
central() {
  mkdir "$1"
  {
    base_conf central "$scratch/$1" "$scratch/$1/csv"
    cat <<END
LoadPlugin network
<Plugin network>
  ReportStats true
  <Listen "127.0.0.1" "$1">
    SecurityLevel $2
    AuthFile "$scratch/users"
  </Listen>
</Plugin>
LoadPlugin rrdtool
<Plugin rrdtool>
  DataDir "$scratch/$1/rrd"
  HeartBeat 30
  RRATimespan 1200
</Plugin>
END
  } >"$1/conf"
  serve "central $1" collectd -f -C "$scratch/$1/conf"
  wait_for "central $1" grep -qs 'entering read-loop' "$1/log"
}

echo 'web01: right' >users
central 25826 Encrypt
central 25827 Sign
central 25828 Encrypt
central 25829 Sign
central 25830 Encrypt

began=$(date +%s)
start_sender
send_work
arrived 'central, encrypted, csv' "$python" "$here/read_csv.py" \
  "25826/csv/$host"
arrived 'central, encrypted, rrdtool' "$python" "$here/read_rrd.py" \
  "25826/rrd/$host" "$began"
arrived 'central, signed, csv' "$python" "$here/read_csv.py" "25827/csv/$host"

# octets PORT: how many bytes the central has received.
octets() {
  cat "$1"/csv/central/network/if_octets-* | tail -n 1 | cut -d, -f2
}

# Nothing comes in by a wrong password or none, though packets do come.
for port in 25828 25829 25830; do
  [ "$(octets $port)" -gt 10000 ] || fail "central $port has received nothing"
  [ "$(find $port -name "$host" | wc -l)" -eq 0 ] ||
    fail "central $port takes what it should not"
done
say 'wrong password, or none: nothing is taken'
stop
