# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Run in a quiet guest by slab.sh: daemons with the hooks in $daemons count at
# once what the workload does; what each has must be right.
: "${daemons:?}"
# shellcheck source=tests/daemon/lib.sh
. /bpfmem/tests/daemon/lib.sh
# shellcheck source=tests/vm/slab_judge.sh
. /bpfmem/tests/vm/slab_judge.sh
enter_scratch
base=$scratch

# What is created, how many; the cache that serves it; the objects there, as many
# as that, or from, to (no end where others use that cache); what allocates and
# frees them beside tracepoints: bulk functions (balloc, bfree), kmalloc_nolock and
# kfree_nolock (nlalloc, nlfree), or rcu, by sheaf; with "!" if nothing else does.
# All others are freed by kmem_cache_free or kfree, too, whose tracepoints tell in
# part only up to 6.0.
#   sockets    datagrams have a pair of them, too
#   datagrams  come from a pool of up to 64 for each CPU in new kernels
#   acls       a few tables of others are as large (5.10: 4, 7.3: 1 or 2)
#   requests   come in bulks of 8
#   forks      with 997 areas, of which a node of the tree has 16
#   storages   7.3: 4 others are as large
table='
sockets   1009 sock_inode_cache   1011     -       -
mqueues   1013 mqueue_inode_cache 1013     -       -
timers     997 posix_timers_cache 997      -       bfree,rcu
keys      1009 key_jar            1009     -       -
datagrams 1019 skbuff_head_cache  891,1147 -       bfree
epoll     1031 eventpoll_epi      1031     -       bfree,rcu
acls       503 kmalloc-8k         503,510  -       bfree,rcu!
acls       503 shmem_inode_cache  503      -       -
requests  1009 io_kiocb           1009,1016 balloc! bfree
threads    211 task_struct        211,     -       -
forks       23 maple_node         1426,    balloc  bfree,rcu
forks       23 vm_area_struct     22931,   -       bfree,rcu
pipes      499 inode_cache        499,     -       -
files     1009 ext4_inode_cache   1508,    -       -
dirs       499 dentry             1508,    -       -
'
# Messages have caches of their own from 6.11 on. The caches of what is accounted
# (5.14) hold datagrams, too.
if [ -e /sys/kernel/slab/msg_msg-2k ]; then
  table+='messages  1021 msg_msg-2k         1021     -       -'
elif [ -e /sys/kernel/slab/kmalloc-cg-2k ]; then
  table+='messages  1021 kmalloc-cg-2k      2040,    -       -'
else
  table+='messages  1021 kmalloc-2k         1021,    -       -'
fi
# By kmalloc_nolock since 6.19 (f484f4a3e058), told by a function of 7.0.
if grep -qw bpf_selem_unlink_nofail /proc/kallsyms; then
  table=$'\nstorages   211 kmalloc-cg-8k      211,220 nlalloc! nlfree!'$table
fi

declare -A objsize target
kinds=() rows=() caches=() pending=()

# Set target[NAME] of each cache that is merged, in one process.
read_merged() {
  local cache to
  # shellcheck disable=SC2012 # the find of busybox prints no links
  while read -r cache to; do
    target[$cache]=$to
  done < <(ls -l /sys/kernel/slab | sed -n 's/.* \([^ ]*\) -> /\1 /p')
}

# The name that slabinfo has for cache $1; others are names of the same one.
resolve() {
  local alias found=''
  name[$1]=$1
  [ -n "${target[$1]-}" ] || return 0
  for alias in "${!target[@]}"; do
    [ "${target[$alias]}" = "${target[$1]}" ] || continue
    [ "$alias" = "$1" ] || shared[$1]=1
    [ -z "${active[$alias]:-}" ] || found=$alias
  done
  name[$1]=${found:?$1 has no name in slabinfo}
}

read_slabinfo() {
  local cache a _ size per
  while read -r cache a _ size per _; do
    active[$cache]=$a objsize[$cache]=$size perslab[$cache]=$per
  done < <(tail -n +3 /proc/slabinfo)
}

read_table() {
  local kind count cache via
  read_slabinfo
  read_merged
  while read -r kind count cache via; do
    [ -n "$kind" ] || continue
    # No such cache on this kernel: maple trees came with 6.1.
    [ -e "/sys/kernel/slab/$cache" ] || continue
    rows+=("$kind $count $cache $via")
    [[ " ${kinds[*]-} " == *" $kind:$count "* ]] || kinds+=("$kind:$count")
    resolve "$cache"
    sheaf[${name[$cache]}]=$(
      cat "/sys/kernel/slab/$cache/sheaf_capacity" 2>/dev/null || echo 0)
    caches+=("${name[$cache]}")
  done <<<"$table"
}

daemon_options() {
  echo 'CollectPageFaults false'
  echo '<Slab>'
  echo "Hooks \"$1\""
  [ "$1" != "${daemons%% *}" ] || echo 'ReportBytes true'
  echo "MaxSeries ${#caches[@]}"
  printf 'Cache "%s"\n' "${caches[@]}"
  echo '</Slab>'
}

# Not behind a pipe: it is to be this shell's child, which ends it.
start_daemon() {
  scratch=$base/$1 uncounted[$1]=''
  mkdir "$scratch"
  daemon_options "$1" >"$scratch/options"
  launch env <"$scratch/options"
}

# others 0|1: all CPUs but the first go off or on. On arm64 QEMU has a thread for
# each; in one of some dozen boots kmem_cache_alloc() went on without its tracepoint,
# probably as one CPU had translated a page while another patched it.
others() {
  local cpu
  [ "$(uname -m)" = aarch64 ] || return 0
  for cpu in /sys/devices/system/cpu/cpu[1-9]/online; do
    echo "$1" >"$cpu"
  done
}

# Read what it says that it does not count.
await_daemon() {
  local text entry
  scratch=$base/$1
  wait_for "$1 to start" reads
  text=$(grep -o 'using hook .*' "$scratch/log")
  say "$SECONDS s: $1: $text"
  for entry in 'kmem_cache_free (in part):free' 'bulk alloc:balloc' 'bulk free:bfree' 'sheaf:rcu' \
    'kmalloc_nolock:nlalloc' 'kfree_nolock:nlfree' \
    'kmalloc and kfree:kmalloc'; do
    [[ ${text#*not counted} != *"${entry%:*}"* ]] ||
      uncounted[$1]+=" ${entry#*:}"
  done
  # bpf() keeps the programs of kprobes from running while it updates a map.
  [ "$1" != kprobe ] || uncounted[$1]+=' nlalloc'
  wait_for "$1's statistics" has_reads bpfmem-slab/gauge-tracked 1
}

# Set value, also to the sum of all series of a daemon: the largest of the last lines of each series, as the threads of a
# daemon may write two reads in any order and no series goes back.
read_values() {
  local key number
  while read -r key number; do
    value[$key]=$number
  done < <(tail -n 3 -- "$base"/*/csv/*/*slab*/[dot]* |
    awk -v base="$base/" '
      /^==> / {
        n = split(substr($2, length(base) + 1), part, "/")
        sub(/^slab-/, "", part[4])
        sub(/-[0-9-]*$/, "", part[5])
        key = n == 5 ? part[1] "/" part[4] "/" part[5] : ""
      }
      key != "" && /^[0-9]/ {
        sub(/^[^,]*,/, "")
        if (!(key in max) || $0 + 0 > max[key]) max[key] = $0 + 0
      }
      END {
        for (key in max) {
          printf "%s %d\n", key, max[key]
          if (key ~ /operations-/) all[substr(key, 1, index(key, "/"))] += max[key]
        }
        for (daemon in all) printf "%sall/events %d\n", daemon, all[daemon]
      }')
}

# Shrinking takes away CPUs' slabs, whose free objects slabinfo takes for active.
# look SECONDS: after so long without a process of ours, whose objects would differ.
look() {
  local daemon cache since=$EPOCHREALTIME
  for daemon in $daemons; do
    scratch=$base/$daemon
    await_reads slab-other/operations-alloc "$since"
  done
  nap "${1-0.1}"
  for _ in 1 2 3; do
    for cache in "${caches[@]}"; do
      echo 1 >"/sys/kernel/slab/$cache/shrink"
    done
  done
  read_slabinfo
  read_values
}

# check PHASE: each row by each daemon, once in so many looks; RCU frees later,
# kfree_rcu up to 5 s, and those caches that others use are in motion.
check() {
  local tries row daemon item left
  pending=()
  for row in "${rows[@]}"; do
    for daemon in $daemons; do
      pending+=("$daemon $row")
    done
  done
  for ((tries = 0; tries < 12; tries++)); do
    look
    say "look $tries after $SECONDS s"
    left=()
    for item in "${pending[@]}"; do
      if judge "$1" "${item%% *}" "${item#* }"; then
        say "$verdict"
      else
        left+=("$item") && say "  not yet: $verdict"
      fi
    done
    [ ${#left[@]} -gt 0 ] || return 0
    pending=("${left[@]}")
  done
  fail "${#left[@]} are wrong"
}

# What the first counts in bytes is the objects' size each. Of caches that nobody
# else uses: objects and bytes are written one after the other.
check_bytes() {
  local row cache expected key objects bytes
  for row in "${rows[@]}"; do
    read -r _ _ cache expected _ <<<"$row"
    [ -n "${expected#*,}" ] && [ -z "${shared[$cache]-}" ] || continue
    cache=${name[$cache]}
    key=${daemons%% *}/$cache
    objects=${value[$key/operations-free]:-0}
    bytes=${value[$key/total_bytes-free]:-0}
    [ "$bytes" -eq $((objects * objsize[$cache])) ] ||
      fail "$key: $bytes bytes freed, $objects objects of ${objsize[$cache]}"
  done
}

workloads_say() {
  local kind
  for kind in "${kinds[@]}"; do
    grep -q "$1" "$base/out.$kind" || return 1
  done
}

read_table
for cache in "${caches[@]}"; do
  # Free objects in slabs that a CPU has put aside are active to slabinfo.
  echo 0 2>/dev/null >"/sys/kernel/slab/$cache/cpu_partial" || true
done
mkfifo "$base/go"
others 0
for daemon in $daemons; do
  start_daemon "$daemon"
done
for daemon in $daemons; do
  await_daemon "$daemon"
done
others 1
look 3
for cache in "${!active[@]}"; do
  active0[$cache]=${active[$cache]}
done
for key in "${!value[@]}"; do
  value0[$key]=${value[$key]}
done

exec 3<>"$base/go"
for kind in "${kinds[@]}"; do
  "$objects" "${kind%:*}" "${kind#*:}" "$base" <"$base/go" \
    3>&- >"$base/out.$kind" &
  # Alone: while a task is preempted in bpf(), no classic or kprobe program runs on
  # that CPU (bpf_prog_active), and what others do there is missed.
  [ "${kind%:*}" != storages ] ||
    wait_for 'storages to be created' grep -q created "$base/out.$kind"
done
wait_for 'all to be created' workloads_say created
check created
exec 3>&-
wait_for 'all to be destroyed' workloads_say destroyed
check destroyed
check_bytes
for daemon in $daemons; do
  scratch=$base/$daemon
  check_monotone
done
! command -v slabtop >/dev/null || BPFMEM_MOUNTS=1 /bpfmem/tests/daemon/t_held.sh slabtop
