#!/bin/bash
# SPDX-License-Identifier: MIT
# Two collectds, each PID 1 of a PID namespace of its own, as in two containers: both
# count the same, one goes on without a gap while the other ends and starts again, in
# order and killed, and SIGHUP, for which collectd has no handler, does nothing to
# either, as to any PID 1.
# Argument: "two", without those that start again.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/instances.sh
. "$(dirname "$0")/instances.sh"
unshare --help 2>&1 | grep -q -e --kill-child || skip 'needs unshare of util-linux'
within=(unshare --pid --fork --mount-proc --kill-child)

# Print the namespace of that collectd, which has number 1 there.
namespace() {
  turn_to "$1"
  [ "$(awk '/^NSpid:/ { print $NF }' "/proc/$itself/status")" = 1 ] ||
    fail "$1 is not PID 1"
  readlink "/proc/$itself/ns/pid"
}

# restart NAME STATUS SIGNAL OTHER: OTHER counts all that comes meanwhile.
restart() {
  keep_working
  end "$1" "$2" "$3"
  rm -rf "${top:?}/$1"
  before[$1]=0
  begin "$1"
  have_worked
  has_all "$4"
  work
  has_all "$1"
  has_all "$4"
}

begin one
begin two
first=$(namespace one)
second=$(namespace two)
[ "$first" != "$second" ] || fail 'they share a namespace'
work
has_all one
has_all two
for name in one two; do
  turn_to $name
  kill -HUP "$itself"
done
work
has_all one
has_all two
if [ "${1-}" != two ]; then
  restart one 0 TERM two
  restart two 137 KILL one
fi
end one 0 TERM
work
has_all two
end two 0 TERM
