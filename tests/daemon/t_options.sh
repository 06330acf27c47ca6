#!/bin/bash
# SPDX-License-Identifier: MIT
# Options of the real daemon: what is left out, what is refused, and how; and
# what an unprivileged daemon says.
set -eu
# shellcheck source=tests/daemon/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
enter_scratch

again() {
  rm -rf csv log
}

# refused TEXT: the options on standard input stop the daemon, which says TEXT.
refused() {
  launch env 2>err
  ended_with 1
  grep -q -e "bpfmem plugin: .*$1" log err ||
    fail "not refused with $1: $(cat err)"
  again
}

# The kinds of series that there are, once there are some; but for the time stalled, which
# only files have that were waited for.
kinds() {
  wait_for 'series' test -d "csv/$host"
  wait_for 'series' has_reads "$1" 3
  for dir in "csv/$host"/*/*; do
    dir=${dir#"csv/$host/"}
    printf '%s\n' "${dir%%-*}/$(basename "$dir" | sed 's/-.*//')"
  done | grep -v /total_time_in_ms | sort -u | tr '\n' ' '
}

# expect SERIES KINDS
expect() {
  local found
  found=$(kinds "$1")
  [ "$found" = "$2 " ] || fail "series of kind $found, not $2"
  stop
  again
}

start <<END
  CollectSlab false
  ReportStatistics false
END
expect pagefault-other/ps_pagefaults 'pagefault/ps_pagefaults'

start <<END
  CollectPageFaults false
  <Slab>
    ReportBytes true
  </Slab>
END
expect slab-other/operations-alloc \
  'bpfmem/derive bpfmem/gauge slab/memory slab/objects slab/operations slab/total_bytes'

start <<END
  CollectPageFaults false
  CollectSlab false
END
has_logged 'bpfmem plugin: .*nothing to do' || fail 'no warning'
stop
again

refused 'unknown option "CollectSlap".*CollectSlab' <<END
  CollectSlap true
END
refused 'unknown option "TopN" in <PageFaults>.*MaxSeries' <<END
  <PageFaults>
    TopN 10
  </PageFaults>
END
refused 'option MaxSeries in <Slab>: 1001 is not an integer from 0 to 1000' <<END
  <Slab>
    MaxSeries 1001
  </Slab>
END

refused 'option Hooks in <PageFaults>: "kprobe" is no more; use one of "auto"' <<END
  <PageFaults>
    Hooks "kprobe"
  </PageFaults>
END
refused 'unknown block <PageFault>; allowed are <PageFaults>, <Slab>' <<END
  <PageFault>
    MaxSeries 5
  </PageFault>
END
refused 'option MaxSeries in <Slab> takes exactly one value' <<END
  <Slab>
    MaxSeries 5 6
  </Slab>
END
refused 'option Group in <PageFaults>: "a b" is not the name of a group: it has letters' <<END
  <PageFaults>
    Group "/^.(a)(b)/" "a b"
  </PageFaults>
END
refused 'option Group in <PageFaults> takes two strings: Group "/REGEX/" "NAME"' <<END
  <PageFaults>
    Group "/^.(a)(b)/"
  </PageFaults>
END

# warned TEXT: the options are accepted with a warning.
warned() {
  start
  has_logged "bpfmem plugin: .*$1" || fail "no warning of $1: $(cat log)"
  stop
  again
}

warned 'RecoverMissed in <Slab> has no effect' <<END
  <Slab>
    RecoverMissed "auto"
  </Slab>
END
warned 'File in <PageFaults>: "/srv/\*.mdb" is a name, in which \* stands' <<END
  <PageFaults>
    File "/srv/*.mdb"
    MaxSeries "5"
  </PageFaults>
END
warned 'File in <PageFaults>: "/usr/lib" is a directory' <<END
  <PageFaults>
    File "/usr/lib"
  </PageFaults>
END
warned 'MaxSeries in <Slab> is given more than once; the last value holds: 7' <<END
  <Slab>
    MaxSeries 5
  </Slab>
</Plugin>
<Plugin bpfmem>
  <Slab>
    MaxSeries 7
  </Slab>
END

# After the first reads, each pattern that nothing matched; no other.
start <<END
  <PageFaults>
    File "/nowhere"
    File "/\\.so/"
  </PageFaults>
  <Slab>
    Cache "dentries"
    Cache "dentry"
  </Slab>
END
wait_for 'a warning of a pattern without a match' \
  has_logged 'File in <PageFaults>: "/nowhere" has matched nothing'
wait_for 'a warning of a cache that is not there' \
  has_logged 'Cache in <Slab>: "dentries" has matched nothing'
[ "$(grep -c 'has matched nothing' log)" -eq 2 ] ||
  fail "a warning too much: $(cat log)"
stop
again

# One probe that cannot start leaves the other running; the error names cause
# and remedy.
start <<END
  <PageFaults>
    Hooks "fexit"
  </PageFaults>
END
if has_logged 'bpfmem plugin: pagefault: using hook fexit'; then
  say 'this kernel has fexit: no failing probe to be had'
else
  has_logged 'bpfmem plugin: pagefault: .*Hooks "fexit".*: .*;' ||
    fail 'no reason why there is no fexit'
  expect slab-other/operations-alloc \
    'bpfmem/derive bpfmem/gauge slab/memory slab/objects slab/operations'
fi
[ -z "$collectd" ] || stop
again

# Too few descriptors for both probes. collectd's log opens its file for each line, and
# may lack a descriptor then.
launch prlimit --nofile=33 <<END
END
wait_for 'the reason why a probe lacks descriptors' has_logged \
  'bpfmem plugin: \(pagefault\|slab\): .*Too many open files: .*; set LimitNOFILE='
stop
again

# Unprivileged: says why, goes on with the rest, and fails only at its end. The
# build directory may be where nobody may enter.
command -v setpriv >/dev/null || skip 'needs setpriv, to become nobody'
install -m 755 "$plugin" "$scratch/bpfmem.so"
plugin=$scratch/bpfmem.so
chmod 777 "$scratch"
launch setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all <<END
END
wait_for 'collectd to start' reads
has_logged 'bpfmem plugin: pagefault: .*not permitted: .*CAP_BPF' &&
  has_logged 'bpfmem plugin: slab: .*not permitted: .*CAP_BPF' ||
  fail 'no reason why there are no probes'
[ ! -d "csv/$host" ] || fail "series: $(ls "csv/$host")"
kill "$collectd"
ended_with 1
