#!/bin/bash
# SPDX-License-Identifier: MIT
# For guests, where a CPU may be taken away: one comes online that was not there
# when collectd started, goes and comes back: the faults on it are counted.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
enter_scratch
cpu=/sys/devices/system/cpu/cpu1/online

put_cpu() {
  echo "$1" >$cpu
  [ "$(cat $cpu)" = "$1" ] || fail "cpu1 is not $1"
}

# The workload's faults on that CPU alone, all of them on its file.
faults_on_cpu() {
  local name=$1 file minor major
  file=$scratch/$name
  read -r _ minor major < <(taskset 2 "$faults" private_read "$file")
  await_faults
  series=pagefault-$(label "$file")/ps_pagefaults
  say "$hook, $name: getrusage $minor $major, series $(last "$series")"
  [ "$(last "$series")" = "$minor $major" ] || fail "$name"
}

put_cpu 0
start_faults 1000 "^$scratch/"
await_faults
put_cpu 1
await_faults
faults_on_cpu appeared
put_cpu 0
await_faults
put_cpu 1
await_faults
faults_on_cpu back
put_cpu 0
put_cpu 1
await_faults
faults_on_cpu back_at_once
check_monotone
stop
