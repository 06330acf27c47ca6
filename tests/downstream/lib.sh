# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by the tests against the real servers that collectd writes to: known
# workloads on files with hostile names, and how to compare what arrived.
#
# Each test runs in a network namespace of its own, where every port is free:
# it sees none of the machine's services, and they see nothing of it.

[ "$(id -u)" -eq 0 ] || {
  echo 'needs root, to load BPF programs'
  exit 77
}
[ -n "${BPFMEM_OWN_NETWORK:-}" ] ||
  BPFMEM_OWN_NETWORK=1 exec unshare --net -- "$0" "$@"
ip link set lo up
# getaddrinfo() may find no address where there are loopback's own only.
ip address add 192.0.2.1/32 dev lo

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/daemon/lib.sh
. "$here/../daemon/lib.sh"
need_daemon

# Debian's, which has the servers' modules.
python=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1
host=web01.example.com
# Objects that are freed by close() itself: on some virtual machines the kernel raises
# no event for a few of those that RCU frees.
cache=userfaultfd_ctx_cache
objects_count=251

# need COMMAND PACKAGE
need() {
  command -v "$1" >/dev/null || skip "needs $1, of Debian's package $2"
}

need_python() {
  "$python" -c "import $1" 2>/dev/null ||
    skip "needs Python's $1, of Debian's package $2"
}

# serve NAME COMMAND...: run a server until the test ends; it prints to NAME.log.
serve() {
  local name=$1
  shift
  "$@" >"$scratch/$name.log" 2>&1 </dev/null &
}

# is_open PORT
is_open() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# await_port NAME PORT
await_port() {
  wait_for "$1 on port $2" is_open "$2"
}

# As in the library, and what the servers say.
fail() {
  local log
  say "$*" >&2
  for log in "${scratch-}"/log "${scratch-}"/*.log; do
    [ ! -s "$log" ] || { echo "-- ${log##*/}" && tail -n 20 "$log"; } >&2
  done
  exit 1
}

# A carbon-cache that keeps a point a second in directory whisper, or what the
# test's own storage-schemas.conf says.
start_carbon() {
  cat >carbon.conf <<END
[cache]
USER =
STORAGE_DIR = $scratch
LOCAL_DATA_DIR = $scratch/whisper
CONF_DIR = $scratch
LOG_DIR = $scratch
PID_DIR = $scratch
MAX_CREATES_PER_MINUTE = inf
ENABLE_TAGS = False
LINE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
CACHE_QUERY_INTERFACE = 127.0.0.1
END
  [ -e storage-schemas.conf ] || cat >storage-schemas.conf <<END
[all]
pattern = .*
retentions = 1s:1h
END
  serve carbon carbon-cache --config="$scratch/carbon.conf" --nodaemon \
    --logfile=- start
  # shellcheck disable=SC2034 # for the tests
  carbon=$!
  await_port carbon 2003
}

# Start collectd with all that is tested here: the files below "files", and the
# cache that nobody else uses. Names that end in m are the workload's own *.warm.
start_sender() {
  mkdir -p "$scratch/files"
  start < <(select_work "$cache" "^$scratch/files/.*[^m]$")
}

hostile=('a blank' "single'quote" 'double"quote' $'new\nline' $'tab\tand\rcr'
  'ümläut' $'\xff\xfeinvalid' 'a;b{c}*?[d]' 'back\slash' "dollar\$(true)\`id\`"
  'comma,equals=colon:' '%s%n' '~tilde' '-dash' '...' '@at' '<&>'
  $'\e[2J\e]0;escape\a' $'\xc2\x9b31m and \x7f' $'to the \xe2\x80\xaeright'
  $'overlong\xc0\xaf\xe0\x80\xaf' $'cut\xe2\x82' '.hidden' '..hidden' 'dots..'
  'same?' 'same*' '..../.../dots' "$(printf '%0255d' 8)/in"
  $'line\n/line\nPUTVAL x' 'nul\x00\0' '{%d}#')
# More than the 4096 bytes that a call takes; made and entered step by step.
deep=$(printf '%0250d/' {1..17})deep0
readable=('libc.so.6' 'libc_so_7' 'sub/dir' 'sub_dir'
  'UPPER.Case+plus-minus' "$(printf '%0200d' 7)")
# Workloads whose faults every hook can tell by file.
ways=(private_write stride major_random shared_read)

# fault_on NAME WAY: on a file below "files", which may be deep.
fault_on() (
  local dir rest=$1
  cd files || exit
  while [ ${#rest} -ge 2000 ]; do
    dir=${rest%%/*} rest=${rest#*/}
    mkdir -p "$dir"
    cd "./$dir" 2>/dev/null || exit
  done
  [[ $rest != */* ]] || mkdir -p "./${rest%/*}"
  if [ "$rest" = "$1" ]; then
    exec "$faults" "$2" "$scratch/files/$1"
  else
    exec "$faults" "$2" "$rest"
  fi
)

# Files, each with counts that no other has, then objects. Prints
# "pagefault-LABEL MINOR MAJOR" and "slab-CACHE ALLOCS FREES".
work() {
  local i run name minor major mi ma paths=() counts=()
  for name in "${hostile[@]}" "${readable[@]}" "$deep"; do
    i=${#paths[@]} minor=0 major=0
    paths+=("$scratch/files/$name")
    for ((run = 0; run <= i / ${#ways[@]}; run++)); do
      read -r _ mi ma <<<"$(fault_on "$name" "${ways[i % ${#ways[@]}]}")"
      minor=$((minor + mi)) major=$((major + ma))
    done
    counts+=("$minor $major")
  done
  printf '%s\n' "${counts[@]}" >counts
  "$python" "$here/series.py" "${paths[@]}" | paste -d ' ' - counts
  "$objects" contexts $objects_count "$scratch" </dev/null >/dev/null
  echo "slab-$cache $objects_count $objects_count"
}

# lacks SERIES A B: print how many events csv has less than the workload caused.
lacks() {
  local got_a got_b
  read -r _ got_a got_b <<<"$(grep "^$1 " sent)" && [ -n "$got_b" ] ||
    fail "no $1"
  [ "$got_a" -le "$2" ] && [ "$got_b" -le "$3" ] ||
    fail "$1: $got_a $got_b, not $2 $3"
  echo $(($2 - got_a + $3 - got_b))
}

# Work, and see that collectd's own csv files agree. A hook may miss events on
# a busy machine, or their file, and then says so: those cannot arrive.
send_work() {
  local series a b missed lack
  work >unsorted
  sort unsorted >caused
  await_all
  missed=$(($(missed) + $(last_of 1 bpfmem-slab/derive-events_missed)))
  read_sent | counts_only >sent
  while read -r series a b; do
    lack=$(lacks "$series" "$a" "$b")
    missed=$((missed - lack))
    [ $missed -ge 0 ] || fail "$series: $lack events are lost"
  done <caused
  [ "$(cut -d' ' -f1 sent)" = "$(cut -d' ' -f1 caused)" ] ||
    fail "other series: $(diff caused sent)"
  cmp -s caused sent || say "missed, as the plugin says: $(diff caused sent)"
}

# Of gauges nobody knows beforehand what they should be: see arrived().
counts_only() {
  grep -v '/gauges '
}

read_sent() {
  "$python" "$here/read_csv.py" "csv/$host"
}

# Print what a far end should have. A test whose server writes names in a way of
# its own says so by a function of its own.
expected() {
  read_sent
}

# agrees COMMAND...: whether it prints what csv has, before or after.
agrees() {
  expected >before
  "$@" >far 2>far.err || return 1
  cmp -s before far || { expected >after && cmp -s after far; }
}

# arrived AT COMMAND...: wait until it prints what was sent, and see that it
# still does so when more has been sent.
arrived() {
  local at=$1 other=pagefault-other/ps_pagefaults count
  shift
  wait_agreed "$at" "$@"
  count=$(read_count "$other")
  wait_for 'another read' has_reads "$other" $((count + 2))
  wait_agreed "$at" "$@"
  say "$at: $(wc -l <far) series, all counts as caused"
}

wait_agreed() {
  local at=$1 tries
  shift
  for ((tries = 0; tries < 300; tries++)); do
    ! agrees "$@" || return 0
    sleep 0.2
  done
  cat far.err >&2
  diff before far >&2 || :
  fail "not what was sent is at $at"
}
