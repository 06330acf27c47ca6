#!/bin/sh
# SPDX-License-Identifier: MIT
# In a guest: does every workload run, and does the kernel account for it?
#   tests/vm/run -f .../faults:/usr/bin/faults -f .../objects:/usr/bin/objects \
#     6.1 tests/vm/selftest.sh
set -u

uname -r
passed=0 failed=0

result() {
  if [ "$1" -eq 0 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "not ok: $2"
  fi
}

# A workload prints its name and two numbers, and has caused some fault.
try_faults() {
  name=$1 want=$2
  shift 2
  line=$(faults "$name" "$@")
  echo "$line"
  echo "$line" | awk -v name="$name" -v want="$want" '
    { good = NF == 3 && $1 == name && $2 + $3 > 0 &&
             (want != "major" || $3 > 0) }
    END { exit !(NR == 1 && good) }'
  result $? "faults $name: $line"
}

try_objects() {
  want=$(printf 'created 499\ndestroyed 499')
  [ "$(objects "$1" 499 "$2" </dev/null)" = "$want" ]
  result $? "objects $1 $2"
}

for name in $(faults list | awk '$2 == "FILE" { print $1 }'); do
  want=any
  [ "$name" != major_random ] || want=major
  try_faults "$name" $want "$PWD/$name"
done
for name in $(faults list | awk '$2 != "FILE" && NF == 2 { print $1 }'); do
  try_faults "$name" any
done
for name in files dentries epoll pipes sockets eventfds; do
  try_objects "$name" "$PWD"
done
echo "$passed passed, $failed failed"
[ "$passed" -gt 0 ] && [ "$failed" -eq 0 ]
