#!/bin/bash
# SPDX-License-Identifier: MIT
# Usage errors end with status 2 and one line that names the option, the value
# and what is allowed. Needs no privilege.
set -eu
# shellcheck source=tests/top/lib.sh
. "$(dirname "$0")/lib.sh"

# refuses EXPECTED ARGUMENT...
refuses() {
  local expected=$1 message status=0
  shift
  message=$("$top" "$@" 2>&1 </dev/null) || status=$?
  [ $status -eq 2 ] || fail "$*: status $status: $message"
  [[ $message == "bpfmem-top: "*"$expected"*"; see bpfmem-top --help" ]] ||
    fail "$*: does not say $expected: $message"
  [ "$(wc -l <<<"$message")" -eq 1 ] || fail "$*: not one line: $message"
}

refuses 'unknown option -x' -x
refuses 'unknown option -x' -fx
refuses 'unknown option --frobnicate' --frobnicate
refuses 'unknown option --probe=1' --probe=1
refuses 'option -n needs an argument' -n
refuses '-n: "-1" is not an integer from 0 to 1000000' -n -1
refuses '-n: "1.5" is not an integer' -n 1.5
refuses '-n: "1e3" is not an integer' -n 1e3
refuses '-n: "99999999999999999999" is not an integer' -n 99999999999999999999
refuses '-n: "" is not an integer' -n ''
refuses 'option -k needs an argument' -k
refuses '-k: "size" is not one of minor, major, stalled_ms, alloc, free, objects, growth, held, events, name, hurt' -k size
refuses '-F: "(" is no regular expression: ' -F '('
refuses '-F: longer than 511 bytes' -F "$(printf '%0512d' 0)"
refuses '-o: "xml" is not one of table, json, csv' -o xml
refuses 'unknown option --count' --count
refuses '-H: option Hooks in <PageFaults>: "foo" is not one of "auto", "fexit", "event"; option Hooks in <Slab>: "foo" is not one of "auto", "fexit", "kprobe", "tracepoint"' -H foo
refuses '-H: option Hooks in <PageFaults>: "kprobe" is no more; use one of "auto", "fexit", "event"' -H kprobe -f
refuses '-H: option Hooks in <Slab>: "event" is not one of' -s -H event
refuses '-m: option MaxTracked in <PageFaults>: 63 is not an integer from 64 to' -m 63
refuses '-m: option MaxTracked in <PageFaults>: "many" is not an integer' -m many
refuses 'interval: "0" is not a number of seconds from 0.1 to 86400' 0
refuses 'interval: "nan" is not a number' nan
refuses 'interval: "0x10" is not a number' 0x10
refuses 'interval: "1.2.3" is not a number' 1.2.3
refuses 'count: "0" is not an integer from 1' 1 0
refuses 'one argument too many: "3"' 1 2 3
refuses '--probe takes no interval, but got "1"' --probe 1

help=$("$top" --help)
[[ $help == 'usage: bpfmem-top '* ]] || fail "--help: $help"
! grep -E '^.{81}' <<<"$help" >&2 || fail '--help is wider than 80'
[ "$("$top" -h)" = "$help" ] || fail '-h is not --help'
[[ $("$top" --version) =~ ^bpfmem-top\ [0-9]+[.][0-9.]+[0-9]$ ]] ||
  fail "--version: $("$top" --version)"
