# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Shared by tests that run collectd with something that looks at each access to
# memory. To be sourced after lib.sh, in the scratch directory.

# shellcheck disable=SC2154 # what lib.sh sets

# Of the bytes of an attribute, libbpf fills in as many as it tells the kernel;
# valgrind looks at later ones, too.
write_suppressions() {
  local field
  for field in expected_attach_type prog_ifindex; do
    cat <<END
{
  probe_kern_prog_name of libbpf 1.1: $field
  Memcheck:Param
  bpf(attr->$field)
  fun:syscall
  obj:*/libbpf.so*
  obj:*/libbpf.so*
  obj:*/libbpf.so*
  fun:bpf_prog_load
}
END
  done
}

# Set checked to the command before collectd: valgrind, for all of it, ...
use_valgrind() {
  command -v valgrind >/dev/null || skip 'needs valgrind'
  write_suppressions >suppressions
  # Fair: or a thread that runs keeps the others from it.
  checked=(valgrind --quiet --fair-sched=yes --leak-check=full --error-exitcode=99
    --suppressions="$scratch/suppressions" --log-file="$scratch/checker")
}

# ... or what the plugin built with sanitizers needs.
use_asan() {
  local library
  plugin=$build/tests/checked/.libs/bpfmem.so
  [ -f "$plugin" ] || fail "no $plugin"
  for library in /usr/lib/*/libasan.so.* /lib/*/libasan.so.* ''; do
    [ ! -f "$library" ] || break
  done
  [ -n "$library" ] || skip "needs gcc's libasan"
  # shellcheck disable=SC2034 # for the tests
  checked=(env "LD_PRELOAD=$library"
    "ASAN_OPTIONS=log_path=$scratch/checker:quarantine_size_mb=32")
}

# "WARNING: unhandled eBPF command" is of a valgrind older than the kernel.
need_silence() {
  local said
  said=$(cat checker* 2>/dev/null | grep -v 'unhandled eBPF command' || :)
  [ -z "$said" ] || fail "it says: $said"
}

# launch, until it reads: it may take more than 30 s for that.
start_checked() {
  launch "${checked[@]}"
  until reads; do
    kill -0 "$collectd" 2>/dev/null || fail "collectd ended: $(cat checker*)"
    sleep 0.1
  done
}

# stop, with what it says before its status, as that is why.
stop_checked() {
  local status=0
  kill "$collectd"
  wait "$collectd" || status=$?
  collectd=''
  need_silence
  [ "$status" -eq 0 ] || fail "collectd ended with status $status"
}
