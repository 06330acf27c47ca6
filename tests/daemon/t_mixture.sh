#!/bin/bash
# SPDX-License-Identifier: MIT
# Compilers, interpreters, shells: hardly a fault is unattributed, and all series
# together are what the kernel counts.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
for tool in gcc perl python3; do
  command -v $tool >/dev/null || skip "needs $tool"
done
enter_scratch
unattributed=pagefault-unattributed/ps_pagefaults

# Faults of get_user_pages(), which execve() makes for each page of arguments and
# environment, raise no event, and those that fail neither: three of a thousand are usual.
most_of_1000=5

# Print the faults of this shell and of what it has waited for.
ours() {
  local line
  read -r line <"/proc/$$/stat"
  # shellcheck disable=SC2086 # words
  set -- ${line##*) }
  echo $(($8 + $9 + ${10} + ${11}))
}

# Set $kernel_first, $series, $rest, $failed and $kernel_then, in that order. What is
# failed is of programs; the rest may also be of others' get_user_pages().
look() {
  local minor major
  kernel_first=$(vmstat pgfault)
  await_faults
  read -r minor major < <(all_faults)
  series=$((minor + major))
  rest=$(($(last_of 1 $unattributed) + $(last_of 2 $unattributed)))
  failed=$(($(last_of 1 bpfmem-pagefault/derive-events_unfound) + \
    $(last_of 1 bpfmem-pagefault/derive-events_missed)))
  kernel_then=$(vmstat pgfault)
}

# With two variables: the environment of whoever runs the test may have many pages.
work() {
  local i
  # shellcheck disable=SC2046 # words
  export -n $(compgen -e)
  export PATH LC_ALL
  printf '%s\n' '#include <stdio.h>' '#include <stdlib.h>' \
    'int main(void) { return printf("%d\n", rand()) < 0; }' >work.c
  for ((i = 0; i < 8; i++)); do
    gcc -O2 -o work work.c && ./work
    python3 -c 'import json, decimal, email, logging; print(sum(range(10 ** 5)))'
    perl -e 'my %h; $h{$_} = "x" x 50 for 1 .. 50000; print scalar(keys %h), "\n"'
    seq 50000 | sort -R | sort -n | tail -n 1
    for _ in 1 2 3 4 5; do (: | cat) && sh -c true; done
  done
}

# Nothing is sampled, which makes of totals an estimate within a read.
start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    SampleAbove 0
  </PageFaults>
END
need_hook

# Whether it is so of a mixture; that none is lost, and that programs hardly fail, in any
# case. Sets $quiet when others have no more than a tenth of all faults.
try() {
  local before rest_before failed_before first later least most ours
  look
  before=$series rest_before=$rest failed_before=$failed
  first=$kernel_first later=$kernel_then ours=$(ours)
  (work) >/dev/null
  look
  ours=$(($(ours) - ours)) failed=$((failed - failed_before))
  series=$((series - before)) rest=$((rest - rest_before))
  # What the kernel counted at least and at most between the reads.
  least=$((kernel_first - later)) most=$((kernel_then - first))
  say "kernel $least to $most, series $series, of these ours $ours," \
    "unattributed $rest, missed or not found $failed"
  [ "$least" -gt 20011 ] || fail 'not much of a mixture'
  [ "$series" -le "$most" ] || fail 'more than the kernel counted'
  [ "$series" -ge "$least" ] || ! counts_faults || fail 'some are lost'
  [ $((failed * 1000)) -le $((series * most_of_1000)) ] || fail 'too many are not found'
  [ $((10 * ours)) -lt $((9 * series)) ] || quiet=yes
  [ $((rest * 1000)) -le $((series * most_of_1000)) ]
}

# A virtual machine beside it may have faults of get_user_pages() alone: one time of five
# is enough, and where others never rest nothing can be said of the mixture.
quiet=''
for tries in 1 2 3 4 5; do
  ! try || break
  [ "$tries" -lt 5 ] || [ -z "$quiet" ] ||
    fail "more than $most_of_1000 of 1000 are unattributed"
done
check_monotone
stop
