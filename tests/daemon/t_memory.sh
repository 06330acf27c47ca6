#!/bin/bash
# SPDX-License-Identifier: MIT
# What collectd's memory grows by: 16 MiB at most while the plugin starts, as a
# container's limit has to allow, and 8 MiB after that.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
enter_scratch

# grown FIELD: KiB that collectd with the plugin has more than without.
grown() {
  echo $(($(field with "$1") - $(field without "$1")))
}

field() {
  awk -v name="$2:" '$1 == name { print $2 }' "$1"
}

# Keep what the kernel says of collectd's memory after some reads.
watch() {
  launch env <conf.bpfmem
  wait_for 'collectd to start' reads
  wait_for 'reads' "$2"
  cp "/proc/$collectd/status" "$1"
  stop
  rm -rf csv log
}

some_reads() {
  has_reads pagefault-other/ps_pagefaults 12
}

# Without the plugin nothing is published that tells of reads.
long_enough() {
  sleep 3
}

: >conf.bpfmem
watch with some_reads
write_config() {
  base_conf "$host" "$scratch" "$scratch/csv"
}
watch without long_enough

say "VmHWM $(grown VmHWM) KiB, VmRSS $(grown VmRSS) KiB more"
[ "$(field without VmRSS)" -gt 0 ] || fail 'no figure without the plugin'
[ "$(grown VmHWM)" -le 16384 ] || fail "the peak is $(grown VmHWM) KiB more"
[ "$(grown VmRSS)" -le 8192 ] || fail "$(grown VmRSS) KiB more after the start"
