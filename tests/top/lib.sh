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

# Ends what still runs in the background, with what that has started. Bash does not say
# which it was.
end_jobs() {
  local pid
  for pid in $(jobs -p); do
    kill -- "-$pid" || kill "$pid" || :
  done
  wait
} 2>/dev/null

# A directory of our own, removed at the end. Not in /tmp, which may be a tmpfs,
# whose files can be one class. Jobs are groups of their own, for end_jobs and
# because SIGINT would be ignored in them otherwise.
enter_scratch() {
  scratch=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
  # What a job has started may outlive it for a moment, and write.
  trap 'end_jobs; rm -rf "$scratch" || { sleep 1 && rm -rf "$scratch"; }' EXIT
  set -m
  cd "$scratch" || exit
}

# Until end_jobs, each CPU has more page faults than those above which rates are
# estimated from a sample.
load_cpus() {
  local cpu
  mkdir load
  for ((cpu = 0; cpu < $(nproc); cpu++)); do
    (cd load && while :; do taskset -c $cpu "$workload/many" 3 70000; done) >/dev/null &
  done
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
  grep -cE '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} [^ ]*, (per second|events in),? [0-9]+[.][0-9] s$' \
    "$1" || :
}

# has_intervals FILE N
has_intervals() {
  [ -s "$1" ] && [ "$(intervals "$1")" -ge "$2" ]
}

# Print "FIRST SECOND" of all rows in FILE (-e) that are named $2, summed.
sum_rows() {
  awk -v name="$2" '$4 == name || $6 == name { first += $1; second += $2 }
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

# missed FILE: print the sum of what was missed.
missed() {
  awk 'NF > 2 && $(NF - 2) == "total," { sum += $NF } END { print sum + 0 }' "$1"
}

# check_tables FILE ROWS: each table, of exact counts (-e), has at most ROWS rows, what
# hurts most first, then by name; rows, `other` included, sum to the total.
check_tables() {
  awk -v rows_max="$2" '
    function bad(why) { print FILENAME ":" FNR ": " why ": " $0; failed = 1 }
    function begin(columns) {
      cells = columns; rows = others = 0; name = ""; split("", sum)
    }
    # Whether it comes after the row before, by what the manual page says.
    function is_sorted(  i) {
      if (narrow)
        return 1
      split(cells == 3 ? $3 + 0 " " $2 " " $1 + $2 : \
        ($4 >= 1048576 ? $4 : 0) " " $1 + $2 " " $5 + 0, key, " ")
      for (i = 1; rows > 1 && i <= cells - 2 * (cells == 5); i++)
        if (key[i] + 0 != last[i] + 0)
          return key[i] + 0 < last[i] + 0
      return rows == 1 || name "" < $(cells + 1) "" ||
        name $(cells + 1) ~ /[.][.][.]|[?]/
    }
    # Without MINOR, in a narrow terminal, not all of the order is to be seen.
    $NF == "FILE" { narrow = !/MINOR/; begin(narrow ? 2 : 3); next }
    $NF == "CACHE" { narrow = 0; begin(5); next }
    !cells || NF <= cells || $1 !~ /^[0-9]+$/ || $2 !~ /^([0-9]+|-)$/ { next }
    $(cells + 1) == "total," {
      for (i = 1; i <= cells; i++)
        if ($i + 0 != sum[i] + 0)
          bad("column " i " of the rows sums to " sum[i])
      if ($(cells + 2) != "missed" || $NF !~ /^[0-9]+$/ || NF != cells + 3)
        bad("no number of missed events")
      tables++; next
    }
    { for (i = 1; i <= cells; i++) sum[i] += $i }
    $(cells + 1) == "other" && $NF == "more)" {
      if (rows != rows_max || others++)
        bad("other after " rows " rows")
      next
    }
    {
      if (++rows > rows_max || others)
        bad("one row too many")
      if (!narrow && $1 + $2 < 1 && $(cells == 3 ? 3 : 5) < 1)
        bad("a row of nothing")
      if (!is_sorted())
        bad("not sorted")
      for (i in key) last[i] = key[i]
      name = $(cells + 1)
    }
    END { exit failed || !tables }' "$1" >&2 ||
    fail "$1 is not as it should be: $(cat "$1")"
}
