# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by the tests against the real collectd: starts one of our own, reads
# what its csv plugin writes. Runs in a guest, too, where the tools are busybox.
#
# Environment: BPFMEM_BUILDDIR; BPFMEM_HOOKS: the hook to force (auto);
# BPFMEM_SLAB_HOOKS: that of slab, where select_work() is used.

build=${BPFMEM_BUILDDIR:-$(dirname "${BASH_SOURCE[0]}")/../..}
build=$(cd "$build" && pwd)
plugin=$build/.libs/bpfmem.so
# shellcheck disable=SC2034 # for the tests
faults=$build/tests/workload/faults objects=$build/tests/workload/objects
# shellcheck disable=SC2034 # for the tests
hooks=${BPFMEM_HOOKS:-auto}
host=tested

# Whether this is a guest of tests/vm, where nothing else runs.
is_guest() {
  [ "$build" = /bpfmem ]
}

# Seconds between reads, and between looks of who waits. Counts do not depend on them,
# waiting does. An emulated guest may have a third of a processor, of which four reads a
# second would take most.
interval=0.25 poll=0.1
! is_guest || interval=1 poll=0.25

# For a test that waits for many reads.
read_often() {
  if is_guest; then interval=0.25; else interval=0.1; fi
}
export LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
collectd=''
# csv has a file for each day. It is noon where a test begins, so that no test sees two.
export TZ=NOON$((EPOCHSECONDS % 86400 / 3600 - 12))

say() {
  printf '%s\n' "$*"
}

fail() {
  say "$*" >&2
  [ ! -s "${scratch-}/log" ] || tail -n 20 "$scratch/log" >&2
  exit 1
}

skip() {
  say "$*"
  exit 77
}

need_daemon() {
  [ "$(id -u)" -eq 0 ] || skip 'needs root, to load BPF programs'
  command -v collectd >/dev/null || skip 'needs collectd'
  [ -f "$plugin" ] || fail "no $plugin"
}

# A directory of our own on the root file system, as the names of files in tmpfs
# may be one class; removed at the end, with what still runs.
enter_scratch() {
  scratch=$(mktemp -d -p "${TMPDIR:-/var/tmp}" bpfmem.XXXXXX)
  # shellcheck disable=SC2046 # a list of numbers
  trap 'kill -9 $(jobs -p) 2>/dev/null || :; wait 2>/dev/null || :
    rm -rf "$scratch"' EXIT
  cd "$scratch" || exit
}

# nap SECONDS: without a process, which in a guest takes 10 ms and more.
exec {nap_fd}<> <(:)
nap() {
  read -rt "$1" -u "$nap_fd" || :
}

# wait_for WHAT COMMAND...: until it succeeds, five minutes at most: a busy guest may take
# some.
wait_for() {
  local what=$1 deadline=$((SECONDS + 300))
  shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || fail "waited in vain for $what"
    nap $poll
  done
}

# base_conf NAME DIR [CSV]: print what any collectd of a test has; it keeps its log
# in DIR and, where there is a CSV, its series in that.
# Of two write threads that create a file at once, one writes the header over the
# other's first line (csv of 5.12); and when the machine stalls they change the order
# of a series' first values: who stores rates would lose the first.
base_conf() {
  cat <<END
Hostname "$1"
FQDNLookup false
Interval $interval
WriteThreads 1
BaseDir "$2"
PIDFile "$2/pid"
LoadPlugin logfile
<Plugin logfile>
  LogLevel info
  File "$2/log"
</Plugin>
END
  [ -z "${3:-}" ] || printf '%s\n' 'LoadPlugin csv' '<Plugin csv>' \
    "  DataDir \"$3\"" '</Plugin>'
}

# select_work CACHE FILES [MAX]: print the plugin's options that show that cache, and
# files that match the expression. Nothing is sampled, here and where else counts of
# files are compared: what other programs do on that CPU would make them estimates.
select_work() {
  cat <<END
  <PageFaults>
    Hooks "$hooks"
    SampleAbove 0
    File "/$2/"
    MaxSeries ${3:-100}
  </PageFaults>
  <Slab>
    Hooks "${BPFMEM_SLAB_HOOKS:-auto}"
    Cache "$1"
  </Slab>
END
}

# Print the configuration of a private collectd; <Plugin bpfmem> has what is on
# standard input, and $writers what else there is. An empty $csv_dir: no csv.
write_config() {
  base_conf "$host" "$scratch" "${csv_dir-$scratch/csv}"
  cat <<END
${writers-}
PluginDir "${plugin%/*}"
LoadPlugin bpfmem
<Plugin bpfmem>
$(cat)
</Plugin>
END
}

has_logged() {
  grep -q -e "$1" "$scratch/log" 2>/dev/null
}

# launch COMMAND...: have it run collectd, with the options of <Plugin bpfmem> on
# standard input. Its process is $collectd.
launch() {
  write_config >"$scratch/conf"
  "$@" collectd -f -C "$scratch/conf" &
  collectd=$!
}

reads() {
  has_logged 'entering read-loop' && return
  kill -0 "$collectd" 2>/dev/null || fail 'collectd has ended'
  return 1
}

start() {
  launch env
  wait_for 'collectd to start' reads
}

# Wait until collectd has ended, with status $1.
ended_with() {
  local status=0
  wait "$collectd" || status=$?
  collectd=''
  [ "$status" -eq "$1" ] || fail "collectd ended with status $status, not $1"
}

stop() {
  kill "$collectd"
  ended_with 0
}

# What is done again and again takes no process.

# read_rows SERIES: set rows to the lines of a series such as pagefault-anon/ps_pagefaults,
# without the headers.
read_rows() {
  local file
  rows=()
  for file in "$scratch/csv/$host/$1"-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]; do
    [ ! -f "$file" ] || mapfile -t -s 1 -O ${#rows[@]} rows <"$file"
  done
}

# Print the lines of a series by time: the daemon's threads may write two reads in any
# order.
lines() {
  local rows
  read_rows "$1"
  [ ${#rows[@]} -eq 0 ] || printf '%s\n' "${rows[@]}" | sort -n
}

# newest N SERIES: set rows to its last N lines, or fewer.
newest() {
  read_rows "$2"
  [ ${#rows[@]} -le "$1" ] || rows=("${rows[@]: -$1}")
}

# Print the last values of a series, "" when it has none.
last() {
  local rows row line=''
  newest 3 "$1"
  for row in "${rows[@]}"; do
    [[ $row < $line ]] || line=$row
  done
  line=${line#*,}
  [ -z "$line" ] || printf '%s\n' "${line//,/ }"
}

# Print "MINOR MAJOR" of a series of faults. A line that is half written has less
# than it will have, maybe less than the one before; a series that is no longer
# published has its all in the last line.
latest_faults() {
  local rows row minor major most_minor=0 most_major=0
  newest 3 "$1"
  for row in "${rows[@]}"; do
    IFS=, read -r _ minor major <<<"$row"
    [ "${minor:-0}" -le "$most_minor" ] || most_minor=$minor
    [ "${major:-0}" -le "$most_major" ] || most_major=$major
  done
  echo "$most_minor $most_major"
}

# last_of N SERIES: its Nth value, without a fraction, 0 when the series does not exist.
last_of() {
  local fields
  read -ra fields < <(last "$2") || :
  case ${fields[$1 - 1]-0} in
  *[!0-9]*) awk -v value="${fields[$1 - 1]}" 'BEGIN { printf "%d\n", value }' ;;
  *) echo "${fields[$1 - 1]-0}" ;;
  esac
}

read_count() {
  local rows
  read_rows "$1"
  echo ${#rows[@]}
}

has_reads() {
  local rows
  read_rows "$1"
  [ ${#rows[@]} -ge "$2" ]
}

# has_reads_since SERIES TIME N
has_reads_since() {
  local rows row count=0
  newest $(($3 + 3)) "$1"
  for row in "${rows[@]}"; do
    [[ ! ${row%%,*} > $2 ]] || count=$((count + 1))
  done
  [ $count -ge "$3" ]
}

# await_reads SERIES [TIME]: until all that happened before, now or at that time, is in
# every series. A read may be under way now; a series starts with zero; and the daemon's
# threads may write the values of one read in any order: the fourth read from then on
# proves that the third was written. By their times, as on a busy machine the daemon
# writes what it read seconds ago.
await_reads() {
  wait_for "more of $1" has_reads_since "$1" "${2-$EPOCHREALTIME}" 4
}

await_faults() {
  await_reads pagefault-other/ps_pagefaults
}

# The same of both probes.
await_all() {
  local since=$EPOCHREALTIME
  await_faults
  await_reads slab-other/operations-alloc "$since"
}

# Print all entities that have a series of kind $1, as "pagefault".
entities() {
  local dir
  for dir in "$scratch/csv/$host/$1"-*/; do
    [ -d "$dir" ] || continue
    dir=${dir%/}
    printf '%s\n' "${dir##*/"$1"-}"
  done
}

# The label of a path without odd bytes, see plugin/core/label.c.
label() {
  local path=${1#/} slash='~'
  printf '%s\n' "${path//\//"$slash"}"
}

# Print the hook in use for page faults, as the statistics have it.
hook_in_use() {
  local hook
  wait_for 'the statistics' has_reads bpfmem-pagefault/gauge-hook_event 1
  for hook in fexit event; do
    [ "$(last_of 1 "bpfmem-pagefault/gauge-hook_$hook")" -ne 1 ] || echo $hook
  done
}

# lacking NAMES: print how many of the faults on standard input, as tests/workload/faults
# prints them, are in no series of the files NAMES, where % stands for the workload.
lacking() {
  local name minor major has_minor has_major lack=0
  while read -r name minor major; do
    lack=$((lack + minor + major))
    read -r has_minor has_major < \
      <(last "pagefault-$(label "${1/\%/$name}")/ps_pagefaults") || continue
    lack=$((lack - has_minor - has_major))
  done
  echo $lack
}

# Whether the hook sees only what raises an event: no fault of get_user_pages() and
# none that failed. Such are unattributed, if the kernel's own count tells them.
is_event_alone() {
  [ "$hook" = event ] && ! has_logged 'using hook event and fexit'
}

# is_kernel_from VERSION: whether the running kernel is as new as that.
is_kernel_from() {
  [ "$(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -n 1)" = "$1" ]
}

# Whether the kernel's own count, pgfault, is of faults: until 6.3 it is of attempts,
# with those that are tried again (53156443a7f2, 6.4).
counts_faults() {
  is_kernel_from 6.4
}

# Set and say $hook; it must be the one that was asked for, if one was.
need_hook() {
  hook=$(hook_in_use)
  say "$(uname -r): hook ${hook:-unknown}"
  [ "$hooks" = auto ] || [ "$hook" = "$hooks" ] || fail "not $hooks"
}

# start_faults MAX [FILES]: page faults alone, by the hook that is asked for, with MAX
# files shown: those that match the expression, which have series from their first fault
# on. Others need some in one read.
start_faults() {
  local file=''
  [ -z "${2-}" ] || file="File \"/$2/\""
  start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    SampleAbove 0
    MaxSeries $1
    $file
  </PageFaults>
END
  need_hook
}

# Whether a task may be preempted in a BPF program, or in bpf(2): on lazily preemptible
# kernels (6.13).
may_preempt() {
  grep -qw resched_curr_lazy /proc/kallsyms
}

# Print the faults that programs missed and that are unattributed instead. By fexit these
# are faults under way while the program is attached, one on a CPU. Where a task may be
# preempted in the program, there are more, as other tasks' faults are skipped meanwhile.
# By event there are some where one may be preempted in a change to a map, as when
# another collectd starts: beside compilers, 1280 faults of other tasks in one turn of some
# milliseconds. And a 6.18 that was itself a guest of PVM counted one event in
# 100,000 without running its programs, whosever they were.
missed() {
  local missed most all hook=${hook-$(hook_in_use)}
  missed=$(last_of 1 bpfmem-pagefault/derive-events_missed)
  [ "$missed" -gt 0 ] || { echo 0 && return; }
  read -r all _ < <(all_faults)
  most=$((all / 1000))
  case $hook in
  fexit) if may_preempt; then most=$missed; else most=$(nproc); fi ;;
  *)
    if ! is_guest; then
      most=$((most > 2000 ? most : 2000))
    elif ! may_preempt; then
      most=0
    fi
    ;;
  esac
  [ "$missed" -le "$most" ] || fail "$hook missed $missed faults of $all"
  echo "$missed"
}

# Print "MINOR MAJOR" of all series.
all_faults() {
  local name
  for name in $(entities pagefault); do
    latest_faults "pagefault-$name/ps_pagefaults"
  done | awk '{ minor += $1; major += $2 }
    END { printf "%d %d\n", minor, major }'
}

# vmstat NAME: what the kernel counts.
vmstat() {
  awk -v name="$1" '$1 == name { print $2 }' /proc/vmstat
}

# rss_kb PID
rss_kb() {
  awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"
}

# own_kb PID: the memory that is the process's own, be it in swap. Pages of files come
# and go with what other programs do.
own_kb() {
  awk '$1 == "RssAnon:" || $1 == "VmSwap:" { sum += $2 } END { print sum + 0 }' \
    "/proc/$1/status"
}

# Print the CPUs on which this process may run, one a line.
cpus() {
  local range
  awk '$1 == "Cpus_allowed_list:" { gsub(",", "\n", $2); print $2 }' /proc/self/status |
    while read -r range; do
      seq "${range%-*}" "${range#*-}"
    done
}

# No series may ever go back.
check_monotone() {
  grep -rH '^[0-9]' "$scratch/csv/$host" |
    grep -vE '^[^:]*/(gauge|objects|memory)-[^/:]*:' | sort -t : -k 1,1 -k 2,2n |
    awk -F '[:,]' '{
      for (i = 3; i <= NF; i++) {
        if ($1 == name && $i < last[i]) {
          print $0 " after " before; bad = 1
        }
        last[i] = $i
      }
      name = $1; before = $0 }
      END { exit bad }' >&2 || fail 'a counter went back'
}
