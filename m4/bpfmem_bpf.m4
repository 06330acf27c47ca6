dnl SPDX-License-Identifier: MIT
dnl The tools that turn bpf/*.bpf.c into skeletons; each is tried, not trusted.

dnl __TARGET_ARCH_* of libbpf's headers, which only kprobe programs depend on.
AC_DEFUN([BPFMEM_BPF_ARCH], [
  AS_CASE([$host_cpu],
    [x86_64], [BPF_ARCH=x86],
    [aarch64], [BPF_ARCH=arm64],
    [AC_MSG_ERROR([no support for $host_cpu, only for x86_64 and aarch64])])
  AC_SUBST([BPF_ARCH])
])

dnl A program and a map, as small as what `bpftool gen skeleton` accepts.
AC_DEFUN([_BPFMEM_BPF_CONFTEST], [
  cat >conftest.bpf.c <<'_ACEOF'
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed int __s32;
typedef signed long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
enum bpf_map_type { BPF_MAP_TYPE_ARRAY = 2 };
#include <bpf/bpf_helpers.h>
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} conf_map SEC(".maps");
SEC("raw_tp/sys_enter") int conf_prog(void *ctx) {
  __u32 key = 0;
  return bpf_map_lookup_elem(&conf_map, &key) != 0;
}
char LICENSE[[]] SEC("license") = "Dual MIT/GPL";
_ACEOF
])

AC_DEFUN([BPFMEM_PROG_BPF_CLANG], [
  AC_ARG_VAR([CLANG], [clang with the bpf target])
  AC_ARG_VAR([BPF_CFLAGS], [flags for the BPF programs (default: -O2 -g)])
  : ${BPF_CFLAGS="-O2 -g"}
  AC_CHECK_PROGS([CLANG], [clang clang-21 clang-20 clang-19 clang-18 clang-17 \
    clang-16 clang-15 clang-14 clang-13])
  AS_IF([test -z "$CLANG"], [BPFMEM_MISSING([clang], [clang])], [
    AC_MSG_CHECKING([whether $CLANG compiles for bpf])
    _BPFMEM_BPF_CONFTEST
    bpfmem_clang=yes
    AS_IF([AC_RUN_LOG([$CLANG $BPF_CFLAGS -target bpf $LIBBPF_CFLAGS \
             -c -o conftest.bpf.o conftest.bpf.c]) &&
           test -s conftest.bpf.o], [],
      [AC_RUN_LOG([echo 'int x;' | $CLANG -target bpf -x c -c -o conftest.o -])],
      [bpfmem_clang="yes, but bpf/bpf_helpers.h does not"],
      [bpfmem_clang=no])
    AC_MSG_RESULT([$bpfmem_clang])
    AS_CASE([$bpfmem_clang],
      [no], [BPFMEM_MISSING([clang with the bpf target], [clang])],
      [yes,*], [BPFMEM_MISSING([bpf/bpf_helpers.h], [libbpf-dev])])
  ])
])

dnl `gen object` came with bpftool of Linux 5.13. Some distributions install a
dnl wrapper that refuses to work on a kernel that is not theirs: so it is run.
AC_DEFUN([BPFMEM_PROG_BPFTOOL], [
  AC_ARG_VAR([BPFTOOL], [bpftool])
  AC_PATH_PROG([BPFTOOL], [bpftool], [], [$PATH:/usr/local/sbin:/usr/sbin:/sbin])
  AS_IF([test -z "$BPFTOOL"], [BPFMEM_MISSING([bpftool], [bpftool])],
    [test -s conftest.bpf.o], [
    AC_MSG_CHECKING([whether $BPFTOOL makes skeletons])
    AS_IF([AC_RUN_LOG([$BPFTOOL gen object conftest.o conftest.bpf.o]) &&
           AC_RUN_LOG([$BPFTOOL gen skeleton conftest.o name conf_bpf \
             >conftest.skel.h])],
      [AC_MSG_RESULT([yes])],
      [AC_MSG_RESULT([no])
       BPFMEM_MISSING([bpftool of Linux 5.13 or newer ($BPFTOOL is too old)],
         [bpftool])])
  ])
  rm -f conftest.bpf.c conftest.bpf.o conftest.o conftest.skel.h
])
