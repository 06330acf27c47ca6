#!/bin/bash
# SPDX-License-Identifier: MIT
# In a guest whose kernel seems to have no BTF: errors that say what helps, and
# with a file of BTF faults per file as exact as ever, by the hook event,
# whose programs read by copies then.
set -eu
# shellcheck source=tests/vm/guest.sh
. "$(dirname "$0")/guest.sh"
need_kernel "$@"

in_guest "$1" <<'END'
. /bpfmem/tests/daemon/lib.sh
enter_scratch
cp /sys/kernel/btf/vmlinux kernel.btf
mount -t tmpfs none /sys/kernel/btf
[ ! -e /sys/kernel/btf/vmlinux ] || fail 'BTF is still there'
head -c 4099 kernel.btf >half.btf
echo 'no BTF' >text.btf

# refuses WORD... [-- LINE]: with that configuration, the log says every word.
refuses() {
  local word words=()
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  launch env <<<"${2-}"
  for word in "${words[@]}"; do
    wait_for "\"$word\" in the log" has_logged "$word"
  done
  grep -h 'bpfmem plugin: .*BTF' log | cut -d ' ' -f 3- | sort -u
  kill "$collectd" 2>/dev/null || :
  wait "$collectd" || :
  rm -rf csv log
}

say 'no file:'
refuses "kernel's BTF cannot be read" CONFIG_DEBUG_INFO_BTF 'option BTF' pahole
say 'files that are none:'
refuses "option BTF: cannot open $scratch/none: No such file" \
  -- "BTF \"$scratch/none\""
for bad in text half; do
  refuses "option BTF: $scratch/$bad.btf is not BTF" \
    -- "BTF \"$scratch/$bad.btf\""
done

start <<CONF
  BTF "$scratch/kernel.btf"
  <PageFaults>
    File "/^$scratch//"
    MaxSeries 100
  </PageFaults>
  <Slab>
    Cache "dentry"
  </Slab>
CONF
[ "$(hook_in_use)" = event ] || fail "hook $(hook_in_use), not event"
for name in private_read shared_write cow_after_read major_random \
  forked_children threads_race; do
  read -r _ minor major < <("$faults" "$name" "$scratch/$name")
  await_faults
  series=$(last "pagefault-$(label "$scratch/$name")/ps_pagefaults")
  say "$name: getrusage $minor $major, series $series"
  [ "$series" = "$minor $major" ] || fail "$name differs"
done
# There is no fexit then, so these are known from the kernel's own count alone.
before=$(last_of 1 pagefault-unattributed/ps_pagefaults)
read -r _ minor _ < <("$faults" gup "$scratch/gup")
await_faults
grown=$(($(last_of 1 pagefault-unattributed/ps_pagefaults) - before))
say "gup: getrusage $minor, unattributed $grown"
[ "$grown" -ge "$minor" ] || ! counts_faults || fail 'gup differs'
grep -h 'slab: ' log | cut -d ' ' -f 3-
wait_for 'slab' has_reads slab-dentry/operations-alloc 2
[ "$(last_of 1 slab-dentry/operations-alloc)" -gt 0 ] || fail 'no dentries'
[ "$(last_of 1 bpfmem-pagefault/derive-events_missed)" -eq 0 ] ||
  fail 'faults are missed'
check_monotone
stop
umount /sys/kernel/btf
END
