#!/bin/bash
# SPDX-License-Identifier: MIT
# A file's series is what getrusage() says of the faults on it, for each way to
# fault. BPFMEM_HOOKS forces a hook; only then must that hook exist.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
enter_scratch

unattributed=pagefault-unattributed/ps_pagefaults

start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    File "/^$scratch//"
    MaxSeries 100
  </PageFaults>
END
hook=$(hook_in_use)
say "$(uname -r): hook ${hook:-unknown}"
[ "$hooks" = auto ] || [ "$hook" = "$hooks" ] || fail "not $hooks"

# How exactly the hook tells the faults of a workload apart by file. What raises
# no tracepoint of its file is the tracepoint hook's limit: faults of
# get_user_pages() raise no perf event, and are not counted; those on a page that
# is there already (copied on write, or come first by another thread) call no
# mm_filemap function, and are unattributed.
exactness() {
  case $hook:$1 in
  tracepoint:gup) echo none ;;
  tracepoint:cow_after_read | tracepoint:threads_race) echo part ;;
  *) echo all ;;
  esac
}

# What the kernel skipped, as the plugin says. The tracepoint hook may miss some
# on a busy machine, and then a file may lack as many; the others may not.
missed() {
  last_of 1 bpfmem-pagefault/derive-events_missed
}

# check NAME MINFLT MAJFLT: compare with the series of the workload's file.
check() {
  local name=$1 series minor major lack
  series=pagefault-$(label "$scratch/$name")/ps_pagefaults
  minor=$(last_of 1 "$series") major=$(last_of 2 "$series")
  say "$name: getrusage $2 $3, series $(last "$series")"
  [ "$minor" -le "$2" ] && [ "$major" -le "$3" ] ||
    fail "$name: more than getrusage says (hook $hook)"
  lack=$(($2 + $3 - minor - major))
  case $(exactness "$name") in
  all) ;;
  none) lack=$((minor + major)) ;;
  part)
    [ "$minor" -gt 0 ] || fail "$name: nothing on the file (hook $hook)"
    lack=$((lack - $(last_of 1 $unattributed) + before))
    ;;
  esac
  [ $lack -le "$(missed)" ] || fail "$name: $lack wrong (hook $hook)"
}

# Those that are partly unattributed come one at a time, with their share of it;
# others add to it, so it is at least what the file lacks.
before=0
printed=()
for name in $("$faults" list | awk '$2 == "FILE" { print $1 }'); do
  [ "$(exactness "$name")" != part ] || {
    await_faults
    before=$(last_of 1 $unattributed)
  }
  line=$("$faults" "$name" "$scratch/$name")
  [ "$(exactness "$name")" != part ] || {
    await_faults
    # shellcheck disable=SC2086 # three words
    check $line
  }
  printed+=("$line")
done
await_faults
for line in "${printed[@]}"; do
  # shellcheck disable=SC2086 # three words
  [ "$(exactness "${line%% *}")" = part ] || check $line
done
[ ${#printed[@]} -ge 11 ] || fail "only ${#printed[@]} workloads"
[ "$(missed)" -eq 0 ] || [ "$hook" = tracepoint ] ||
  fail "$(missed) events were missed"
check_monotone
stop
