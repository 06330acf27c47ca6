/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Writes that other CPUs see as a whole, or in their order. */
#ifndef BPFMEM_ATOMIC_BPF_H
#define BPFMEM_ATOMIC_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

/* Of 32 or 64 bits. Not __sync_fetch_and_add(): LLVM 20 makes that an add that
 * fetches, at -mcpu=v3, even if nobody asks for the sum. Kernels know those
 * since 5.12 (5ca419f2864a), and 5.10 refuses the program. */
#define atomic_add(sum, n) ((void)__atomic_fetch_add(sum, n, __ATOMIC_RELAXED))

/* Counts up what has one writer at a time. Who sees the new number (and loads
 * it to acquire) sees all that was written before. x86 keeps the order of
 * stores by itself; arm64 does not, but its BPF has an exchange, which orders.
 */
static __always_inline void atomic_publish(u32 *number) {
#if defined(__TARGET_ARCH_x86)
  barrier();
  ++*(volatile u32 *)number;
#else
  __sync_lock_test_and_set(number, *number + 1);
#endif
}

#endif
