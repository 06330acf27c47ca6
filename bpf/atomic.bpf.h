/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Adds that several CPUs or contexts make to one counter. */
#ifndef BPFMEM_ATOMIC_BPF_H
#define BPFMEM_ATOMIC_BPF_H

/* Relaxed, and its result is not used: since LLVM 20 __sync_fetch_and_add() is
 * an add that fetches, which kernels have from 5.12 (5ca419f2864a). */
#define ATOMIC_ADD(pointer, number)                                            \
  ((void)__atomic_fetch_add(pointer, number, __ATOMIC_RELAXED))

#endif
