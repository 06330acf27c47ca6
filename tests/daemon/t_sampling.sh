#!/bin/bash
# SPDX-License-Identifier: MIT
# By the hook event, above a rate of faults only each 7th is looked at: sums stay the
# kernel's, files have their shares as far as chance allows, and below that rate all is
# exact again.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
[ "$hooks" = auto ] || [ "$hooks" = event ] || skip "not for the hook $hooks"
hooks=event
enter_scratch
many=$build/tests/workload/many
stride=7 cpus=$(grep -c ^processor /proc/cpuinfo)
mkdir load

# A rate that the load below reaches on this machine, and other programs hardly: a
# quarter of what it does before there is collectd, 100000 at most.
rate() {
  local at=${EPOCHREALTIME/[.,]/} minor
  read -r _ minor _ < <(cd load && exec "$many" 3 70000)
  at=$((${EPOCHREALTIME/[.,]/} - at))
  at=$((minor * 250000 / at))
  echo $((at < 100000 ? at : 100000))
}
rate=$(rate)

start <<END
  CollectSlab false
  <PageFaults>
    Hooks "$hooks"
    File "/^$scratch//"
    MaxSeries 100
    SampleAbove $rate
  </PageFaults>
END
need_hook

# is_exact NAME: whether a workload of some hundred faults is.
is_exact() {
  local minor major series
  wait_for 'a quiet machine' is_calm
  read -r _ minor major < <("$faults" private_write "$scratch/$1")
  await_faults
  series=$(last "pagefault-$(label "$scratch/$1")/ps_pagefaults")
  say "$1: getrusage $minor $major, series $series"
  [ "$series" = "$minor $major" ]
}

# exact NAME: once in five times, as other programs may fault above that rate meanwhile,
# or one fault be missed.
exact() {
  local tries
  for tries in 1 2 3 4 5; do
    ! is_exact "$1.$tries" || return 0
  done
  fail 'never exact'
}

total() {
  local minor major
  await_faults
  read -r minor major < <(all_faults)
  echo $((minor + major))
}

# The most CPUs that sampled at any one time.
most_sampling() {
  lines bpfmem-pagefault/gauge-sampling | cut -d, -f2 | sort -n | tail -n 1 |
    cut -d. -f1
}

is_calm() {
  [ "$(last_of 1 bpfmem-pagefault/gauge-sampling)" -eq 0 ]
}

await_faults
exact before

# Three files that fault in turn, each as often: a third each.
kernel=$(vmstat pgfault) before=$(total)
read -r _ minor _ < <(cd load && exec "$many" 3 700000)
grown=$(($(total) - before)) kernel=$(($(vmstat pgfault) - kernel))
sampling=$(most_sampling)
say "load: its faults $minor, all series $grown, kernel $kernel;" \
  "CPUs that sampled $sampling, above $rate"
[ "$sampling" -ge 1 ] || fail 'it did not sample'
[ "$grown" -ge "$minor" ] || fail 'some are lost'
# An event may stand for faults that come later, or that another CPU had.
[ "$grown" -le $((kernel + cpus * (stride - 1))) ] || fail 'too many'

# Of n samples, a third each: five standard deviations of the binomial distribution,
# which one in a million runs exceeds; faults in turn are closer than chance.
for i in 0 1 2; do
  on_file=$(last_of 1 "pagefault-$(label "$scratch/load/many-$i")/ps_pagefaults")
  off=$((on_file - minor / 3))
  bound=$(awk -v n=$((minor / stride)) -v stride=$stride \
    'BEGIN { printf "%d\n", 5 * stride * sqrt(n * 2 / 9) }')
  say "many-$i: $((minor / 3)) faults, series $on_file, off by $off, bound $bound"
  [ "${off#-}" -le "$bound" ] || fail 'not its share'
done

exact after
check_monotone
stop
