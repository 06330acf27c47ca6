#!/bin/bash
# SPDX-License-Identifier: MIT
# --probe lists every hook once with an answer, and marks what will be used; the hook
# then used is the one that it marked.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"
need_root
enter_scratch

# check_list FILE: one answer for each hook, at most one used for each event, and
# one unless the event is not counted.
check_list() {
  check_text "$1"
  awk '
    function close_event() {
      if (event != "" && used + uncounted != 1) {
        print event ": " used " used"; failed = 1
      }
      used = uncounted = 0
    }
    /^(pagefault|slab)$/ { close_event(); event = ""; refused = 0; next }
    refused && /^  [^ ]/ { next }
    /^  [^ ]/ { close_event(); event = $0; uncounted = /: not counted$/; next }
    /^                (needs|  ) ?[^ ]/ { next }
    /^    (fexit|event|kprobe|tracepoint) +yes -> used$/ { used++; hooks++; next }
    /^    (fexit|event|kprobe|tracepoint) +(yes, (after [a-z]+|left out by -H .*)|no: .+)$/ {
      hooks++
      if (seen[event, $1]++) { print event ": " $1 " twice"; failed = 1 }
      next
    }
    /^    (fexit|event|kprobe|tracepoint) +yes -> refused$/ { used++; hooks++; next }
    /^(pagefault|slab): cannot start \(Hooks "[a-z]+"\):/ {
      close_event(); event = ""; refused = 1; next
    }
    { print "line not understood: " $0; failed = 1 }
    END { close_event(); exit failed || !hooks }' "$1" >&2 || fail "$(cat "$1")"
}

# used FILE PROBE: the hooks marked as used for it, but for the start of waits, which is
# no matter of -H.
used() {
  awk -v probe="$2" '/^[a-z]/ { in_it = $1 == probe } /^  start of a wait/ { in_it = 0 }
    in_it && /-> used$/ { print $1 }' "$1" | sort -u
}

"$top" --probe >all
check_list all
{ grep -qx pagefault all && grep -qx slab all; } || fail "a probe lacks: $(cat all)"
"$top" --probe -v -f >faults
check_list faults
grep -q ' needs ' faults || fail "-v does not say what is needed"
! grep -qx slab faults || fail '--probe -f lists slab'

for hooks in fexit event; do
  "$top" --probe -f -H $hooks >forced
  check_list forced
  used=$(used forced pagefault)
  [ -z "$used" ] || [ "$used" = $hooks ] || fail "-H $hooks: $(cat forced)"
  status=0
  "$top" -f -v -H $hooks 0.1 1 >/dev/null 2>log || status=$?
  if [ -n "$used" ]; then
    { [ $status -eq 0 ] && grep -q "using hook $hooks" log; } ||
      fail "--probe says that $hooks works: status $status, $(cat log)"
  else
    { [ $status -eq 1 ] && grep -q "Hooks \"$hooks\"" log; } ||
      fail "--probe says that $hooks does not work: status $status, $(cat log)"
  fi
done

# One probe without a hook leaves the other running.
none=$(for hooks in fexit event; do
  "$top" --probe -f -H $hooks | grep -q -- '-> used$' || echo $hooks
done | head -n 1)
if [ -n "$none" ]; then
  "$top" -H "$none" 0.2 1 >out 2>log || fail "status $?: $(cat log)"
  grep -q ' CACHE$' out || fail "no slab table with -H $none: $(cat out)"
  ! grep -q ' FILE$' out || fail "a fault table with -H $none: $(cat out)"
  grep -q '^bpfmem-top: pagefault: ' log || fail "no error: $(cat log)"
fi
