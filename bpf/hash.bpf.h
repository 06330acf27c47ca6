/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where in a table of 2^bits elements something lies. What is used together has
 * numbers that follow each other, or are multiples of a power of two; an odd
 * factor spreads them all. */
#ifndef BPFMEM_HASH_BPF_H
#define BPFMEM_HASH_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

static __always_inline u64 hash_bits(u64 number, u32 bits) {
  return number * 0x9e3779b97f4a7c15ULL >> (64 - bits);
}

#endif
