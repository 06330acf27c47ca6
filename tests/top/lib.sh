# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by the tests of bpfmem-top: where things are, and what every table has
# to fulfil.

build=${BPFMEM_BUILDDIR:-$(dirname "${BASH_SOURCE[0]}")/../..}
build=$(cd "$build" && pwd)
workload=$build/tests/workload
# shellcheck disable=SC2034 # for the tests
top=$build/bpfmem-top faults=$workload/faults objects=$workload/objects
export LC_ALL=C

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

need_root() {
  [ "$(id -u)" -eq 0 ] || {
    echo 'needs root, to load BPF programs'
    exit 77
  }
}

# Ends what still runs in the background, with what that has started.
end_jobs() {
  local pid
  for pid in $(jobs -p); do
    kill -- "-$pid" 2>/dev/null || kill "$pid" 2>/dev/null || :
  done
  wait
}

# A directory of our own, removed at the end. Not in /tmp, which may be a tmpfs,
# whose files can be one class. Jobs are groups of their own, for end_jobs and
# because SIGINT would be ignored in them otherwise.
enter_scratch() {
  scratch=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
  trap 'end_jobs 2>/dev/null; rm -rf "$scratch"' EXIT
  set -m
  cd "$scratch" || exit
}

# wait_for WHAT COMMAND...: until it succeeds, 40 s at most, and longer where the command
# itself is slow.
wait_for() {
  local what=$1 tries
  shift
  for ((tries = 0; tries < 800; tries++)); do
    if "$@"; then return 0; fi
    sleep 0.05
  done
  fail "waited in vain for $what"
}

ended() {
  ! kill -0 "$1" 2>/dev/null
}

# reap PID: its exit status, once it ended, or failure when it does not.
reap() {
  wait_for "the end of $1" ended "$1"
  wait "$1"
}

# start_verbose OUTPUT ARGUMENT...: bpfmem-top, as job $!, with its log in `log`;
# returns when it has attached its programs.
start_verbose() {
  rm -f log
  "$top" -v "${@:2}" >"$1" 2>log &
  wait_for 'its probes' grep -qs 'slab: using hook' log
}

# Milliseconds.
now() {
  echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# intervals FILE: how many it holds.
intervals() {
  grep -cE '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}$' "$1" || :
}

# has_intervals FILE N
has_intervals() {
  [ "$(intervals "$1")" -ge "$2" ]
}

# Print "FIRST SECOND" of all rows in FILE that are named $2, summed.
sum_rows() {
  awk -v name="$2" '$3 == name { first += $1; second += $2 }
    END { printf "%d %d\n", first, second }' "$1"
}

# check_text FILE [WIDTH]: printable ASCII, lines that fit and are complete.
check_text() {
  local width=${2:-80}
  [ -s "$1" ] || fail "no output"
  ! grep -n '[^ -~]' "$1" >&2 || fail "bytes that are not printable ASCII"
  ! grep -nE "^.{$((width + 1))}" "$1" >&2 || fail "wider than $width"
  [ "$(tail -c 1 "$1" | od -An -c | tr -d ' ')" = '\n' ] ||
    fail 'the last line is not complete'
}

# check_tables FILE ROWS: each table has at most ROWS rows, sorted by events,
# then by name; rows, `other` included, sum to the total.
check_tables() {
  awk -v rows_max="$2" '
    function bad(why) { print FILENAME ":" FNR ": " why ": " $0; failed = 1 }
    function events() { return kind == "FILE" ? $1 : $1 + $2 }
    $1 == "FAULTS" || $1 == "ALLOCS" {
      kind = $3; rows = others = first = second = last = 0; name = ""; next
    }
    $1 !~ /^[0-9]+$/ || $2 !~ /^[0-9]+$/ { next }
    $3 == "total," {
      if ($1 != first || $2 != second)
        bad("rows sum to " first " " second)
      if ($4 != "missed" || $5 !~ /^[0-9]+$/ || NF != 5)
        bad("no number of missed events")
      tables++; next
    }
    { first += $1; second += $2 }
    $3 == "other" && $5 == "more)" {
      if (rows != rows_max || others++)
        bad("other after " rows " rows")
      next
    }
    {
      if (++rows > rows_max || others)
        bad("one row too many")
      if (events() < 1 || (kind == "FILE" && $2 > $1))
        bad("numbers that cannot be")
      if (rows > 1 && events() > last)
        bad("not sorted by events")
      if (rows > 1 && events() == last && name "" >= $3 "" &&
          name $3 !~ /[.][.][.]/)
        bad("not sorted by name")
      last = events(); name = $3
    }
    END { exit failed || !tables }' "$1" >&2 ||
    fail "$1 is not as it should be: $(cat "$1")"
}
