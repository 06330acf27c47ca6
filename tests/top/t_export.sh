#!/bin/bash
# SPDX-License-Identifier: MIT
# JSON and CSV: read by jq and by Python, with the documented keys, exact counts at any
# rate of faults, and names of any bytes.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch
for tool in jq python3; do
  command -v $tool >/dev/null || {
    echo "needs $tool"
    exit 77
  }
done

# await_intervals FILE: three more.
await_intervals() {
  local size
  for _ in 1 2 3; do
    size=$(stat -c %s "$1")
    # shellcheck disable=SC2016 # later
    wait_for 'an interval' sh -c '[ "$(stat -c %s "$1")" -gt "$2" ]' - "$1" "$size"
  done
}

# start FORMAT: has begun to count, into the file FORMAT, and knows the rate of faults.
start() {
  : >"$1" # the job opens it later than we ask for its size
  # shellcheck disable=SC2094 # a word, and a file of that name
  "$top" -o "$1" 0.3 >"$1" &
  pid=$!
  await_intervals "$1"
}

# finish FILE: stop it after all that happened until now is in FILE.
finish() {
  await_intervals "$1"
  kill -INT $pid
  reap $pid || fail "ended with status $?"
}

names=(plain 'comma,quote"' $'line\nfeed' $'caf\xc3\xa9' $'\xff\xfe' $'\e[2Jescape')
cause() {
  caused=()
  for name in "${names[@]}"; do
    read -r _ minor major < <("$faults" private_write "$scratch/$name")
    caused+=("$minor $major")
  done
}

load_cpus
start json
cause
finish json
! grep -n '[^ -~]' json >&2 || fail 'JSON: bytes that are not printable ASCII'
jq -es 'length >= 3 and all(.[];
  (keys_unsorted == ["time", "host", "interval", "files", "caches"]) and
  (.time | fromdate > 1700000000) and (.interval > 0.2) and
  all(.files, .caches; keys_unsorted == ["missed", "hooks", "total", "other", "rows"]) and
  all(.files.rows[]; keys_unsorted == ["name", "kind", "minor", "major", "stalled_ms"]) and
  all(.caches.rows[];
    keys_unsorted == ["name", "kind", "alloc", "free", "objects", "growth", "held"]) and
  (.files | .total.minor == ([.rows[].minor] | add) and
    .total.major == ([.rows[].major] | add) and .other.names == 0) and
  (.caches | .total.alloc == ([.rows[].alloc] | add) and
    .total.held == ([.rows[].held] | add)))' json >/dev/null ||
  fail "JSON: not the documented keys, or sums: $(head -c 2000 json)"

# check_counts FORMAT NAME I: what was caused on a file, but for what was missed.
check_counts() {
  local minor major
  read -r minor major < <(counts_of "$1" "$scratch/$2")
  [ "$minor $major" = "${caused[$3]}" ] || {
    [ "$missed" -gt 0 ] && [ $((minor + major + missed)) -ge \
      $((${caused[$3]/ /+})) ]
  } || fail "$1: $2: ${caused[$3]} caused, $minor $major counted, $missed missed"
}

counts_of() {
  python3 - "$@" <<'END'
import csv, json, sys
form, name = sys.argv[1], sys.argv[2]
name = sys.argv[2].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
minor = major = 0
if form == "json":
    for line in open(form):
        for row in json.loads(line)["files"]["rows"]:
            if row["name"] == name:
                minor += row["minor"]
                major += row["major"]
else:
    for row in csv.DictReader(open(form, newline="")):
        if row["table"] == "files" and row["name"] == name:
            minor += int(row["minor"])
            major += int(row["major"])
print(minor, major)
END
}

missed=$(jq -s '[.[].files.missed] | add' json)
for i in 0 1 2 3 5; do
  check_counts json "${names[i]}" $i
done
names[4]='??'
check_counts json '??' 4

names[4]=$'\xff\xfe'
start csv
cause
finish csv
end_jobs
! grep -n '[^ -~]' csv >&2 || fail 'CSV: bytes that are not printable ASCII'
head -n 1 csv | grep -qx \
  'time,host,interval,table,kind,name,missed,minor,major,stalled_ms,alloc,free,objects,growth,held' ||
  fail "CSV: not the documented columns: $(head -n 1 csv)"
python3 - >csv.missed <<'END' || fail "CSV: not as it should be: $(head -c 2000 csv)"
import csv, sys
rows = list(csv.DictReader(open("csv", newline=""), strict=True))
assert all(None not in row and None not in row.values() for row in rows)
assert {row["table"] for row in rows} == {"files", "caches"}
assert {row["kind"] for row in rows} == {"file", "cache", "class", "total"}
sums = {}
for row in rows:
    columns = ["minor", "major"] if row["table"] == "files" else ["alloc", "free", "held"]
    others = {"minor", "major", "stalled_ms", "alloc", "free", "objects", "growth", "held"}
    key = row["time"], row["table"]
    counts = [int(row[column] or 0) for column in columns]
    if row["kind"] == "total":
        assert counts == sums.pop(key), (row, key)
        assert row["missed"].isdigit()
    else:
        assert row["missed"] == ""
        sums[key] = [a + b for a, b in zip(sums.get(key, [0] * 3), counts)]
assert not sums
print(sum(int(row["missed"]) for row in rows if row["kind"] == "total" and row["table"] == "files"))
END
missed=$(cat csv.missed)
check_counts csv plain 0
check_counts csv 'comma,quote"' 1
check_counts csv 'line?feed' 2
check_counts csv 'caf??' 3
check_counts csv '??' 4
check_counts csv '?[2Jescape' 5

# One table, few rows, and ends as those of tables.
"$top" -s -o json -n 2 0.2 1 | jq -e 'has("files") == false and (.caches.rows | length) == 2
  and .caches.other.names > 10' >/dev/null || fail '-s -n 2: not as it should be'
timeout 20 "$top" -o csv 0.1 2>log | head -n 4 >/dev/null
[ "${PIPESTATUS[0]}" -eq 0 ] && [ ! -s log ] || fail "reader went away: $(cat log)"
status=0
"$top" -o json 0.1 1 >/dev/full 2>log || status=$?
[ $status -eq 1 ] && grep -q 'cannot write: No space left' log ||
  fail "full disk: status $status, $(cat log)"
