/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Writes that other CPUs see as a whole, or in their order. */
#ifndef BPFMEM_ATOMIC_BPF_H
#define BPFMEM_ATOMIC_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

/* Adds to a number of 32 or 64 bits. This is not __sync_fetch_and_add(): at
 * -mcpu=v3 LLVM 20 makes that an add that fetches, even if nobody uses the sum.
 * Kernels know such adds since 5.12 (5ca419f2864a), and 5.10 refuses the
 * program. */
#define atomic_add(sum, n) ((void)__atomic_fetch_add(sum, n, __ATOMIC_RELAXED))

/* Increments a number that has one writer at a time. A reader that loads the
 * new number (with acquire) sees all that was written before it. x86 keeps the
 * order of stores by itself. arm64 does not, but its BPF has an exchange, which
 * keeps the order. */
static __always_inline void atomic_publish(u32 *number) {
#if defined(__TARGET_ARCH_x86)
  barrier();
  ++*(volatile u32 *)number;
#else
  __sync_lock_test_and_set(number, *number + 1);
#endif
}

#endif
