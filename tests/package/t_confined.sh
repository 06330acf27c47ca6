#!/bin/bash
# SPDX-License-Identifier: MIT
# What the plugin and bpfmem-top could do at all, by what they import; and what
# collectd does while the plugin reads: it opens nothing but the kernel's own
# figures, writes nothing, starts nothing and talks to nobody.
set -eu
# shellcheck source=tests/package/lib.sh
. "$(dirname "$0")/lib.sh"
need_daemon
need_tools bpftool nm strace
enter_scratch

# A shell, a process, the network, the environment, other users, files made or
# removed, code from elsewhere; and what writes past a buffer.
forbidden='system|popen|exec[lv][a-z]*|fexecve|posix_spawnp?|v?fork|clone'
forbidden+='|socket|socketpair|connect|bind|listen|accept4?|send[a-z]*|recv[a-z]*'
forbidden+='|getaddrinfo|gethostby[a-z_]*|(secure_)?getenv|(set|put|unset|clear)env'
forbidden+='|set(res|re|e)?[ug]id|setgroups|ptrace|mount|umount2?|chroot'
forbidden+='|creat|mkdir(at)?|mknod(at)?|mkfifo|mk[ds]?temp|mkstemp|tmpfile|tmpnam'
forbidden+='|unlink(at)?|remove|rename(at2?)?|(sym)?link(at)?|f?truncate'
forbidden+='|f?ch(mod|own)(at)?|dlopen|dlsym|dlmopen|kill|abort|_?exit'
forbidden+='|gets|strcat|v?sprintf|alloca|strtok|tmpnam|wordexp|glob'
imports() {
  nm -D --undefined-only "$1" | sed 's/.* //; s/@.*//' | sort -u
}
# The view asks for NO_COLOR.
for object in "$plugin" "$build/bpfmem-top"; do
  imports "$object" >imported
  [ "$object" = "$plugin" ] || sed -i '/^getenv$/d' imported
  [ "$(wc -l <imported)" -gt 20 ] || fail "no imports of $object"
  ! grep -xE "(__)?($forbidden)(64|_chk)?" imported ||
    fail "${object##*/} imports these"
done
say 'no import that starts, talks, reads the environment or changes files'

# Without a writer all system calls of the daemon are those of the reads and of
# its own clock.
# shellcheck disable=SC2034 # of write_config
csv_dir='' writers='PostCacheChain "nowhere"
<Chain "nowhere">
  Target "stop"
</Chain>'
start <<END
  <PageFaults>
    Hooks "$hooks"
  </PageFaults>
END
pid=$collectd

# The BPF maps are mapped for reading, all but the lines of caches, which are given
# here, the number of the read, and the page in which the reader of names says how far it
# is, while it reads.
grep bpf-map "/proc/$pid/maps" >maps || fail 'no map is mapped'
writable=$(grep -c ' rw' maps || :)
[ "$writable" -le 3 ] || fail "$writable writable maps: $(cat maps)"
say "$(wc -l <maps) mappings of BPF maps, $writable writable"

# Nor may anybody write to what is only read, by bpf(2).
held_maps() {
  sed -n 's/^map_id:[[:space:]]*//p' "/proc/$pid/fdinfo"/* | sort -u
}
for id in $(held_maps); do
  bpftool map show id "$id" | tr '\n' ' '
  echo
done >held
for name in pf_counts pf_cpus slab_counts slab_slots .data.stats; do
  grep -q " name $name .*frozen" held || fail "$name can be written: $(cat held)"
done
say 'counters and caches are frozen for user space'

# Some ten reads of each probe.
set +m
timeout 30 strace -f -q -o trace -p "$pid" &
tracer=$!
wait_for 'strace' grep -qs . trace
sleep 3 # no condition: it is what happens in that time that counts
kill -INT $tracer
wait $tracer || :
[ "$(wc -l <trace)" -gt 20 ] || fail "hardly a call: $(cat trace)"
sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' trace | sort | uniq -c >calls
sed 's/^/  /' calls
while read -r _ call; do
  case $call in
  bpf | read | pread64 | lseek | openat | close | fstat | newfstatat | futex | \
    clock_nanosleep | clock_gettime | restart_syscall | capget | \
    mmap | munmap | mprotect | madvise | brk | sched_yield | \
    epoll_create1 | epoll_ctl | epoll_wait) ;; # libbpf's ring of names
  write) ;; # collectd's log, when the machine is late: see below
  *) fail "collectd calls $call: $(grep -m 3 "$call(" trace)" ;;
  esac
done <calls
grep -oE 'openat\([^)]*' trace | sort | uniq -c >opened || :
figures='/proc/vmstat|/sys/devices/system/cpu/online'
figures+='|/sys/kernel/debug/kprobes/enabled|/proc/sys/kernel/ftrace_enabled'
figures+="|$scratch/log"
! grep -vE "\"($figures)\"" opened || fail 'opens more than the figures of the kernel'
! grep -E 'bpf\(BPF_(MAP_CREATE|PROG_LOAD|BTF_LOAD|LINK_CREATE|OBJ_PIN)' trace ||
  fail 'makes objects while it reads'
! grep -F 'write(' trace | grep -vE 'write\([0-9]+, "\[20' ||
  fail 'writes more than lines of a log'
! grep -E 'mmap\(.*PROT_EXEC' trace || fail 'maps code'
stop
