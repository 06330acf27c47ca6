#!/bin/bash
# SPDX-License-Identifier: MIT
# collectd ends, or flushes, while reads run one after the other: it ends in order
# and at once, with the plugin built with sanitizers.
# Argument: how many times (11).
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/daemon/checker.sh
. "$(dirname "$0")/checker.sh"
need_daemon
enter_scratch
use_asan
# With a table as large as this, a read takes about as long.
interval=0.01 tracked=65536

# Print which part of the time reads of faults took.
share() {
  lines bpfmem-pagefault/gauge-read_seconds | awk -F, '
    NR == 1 { first = $1 } { sum += $2; last = $1 }
    END { printf "%d reads, %.0f %% of the time\n", NR,
      (last > first) ? 100 * sum / (last - first) : 0 }'
}

for ((turn = 1; turn <= ${1:-11}; turn++)); do
  start_checked <<END
  <PageFaults>
    Hooks "$hooks"
    MaxTracked $tracked
  </PageFaults>
END
  wait_for 'reads' has_reads bpfmem-pagefault/gauge-read_seconds 2
  # Any moment will do.
  sleep 0.0$((RANDOM % 90 + 10))
  [ $((turn % 2)) -eq 0 ] || kill -USR1 "$collectd"
  stop_checked
  [ "$turn" -ne 1 ] || say "$(share)"
  rm -rf csv log
done
say "ended $((turn - 1)) times"
