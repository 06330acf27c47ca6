/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What tracepoints have seen of a thread's fault: a fault may sleep and go on
 * on another CPU. There is a place for each thread id modulo their number, so
 * two threads that fault at one time may have the same. */
#ifndef BPFMEM_PAGEFAULT_PLACE_BPF_H
#define BPFMEM_PAGEFAULT_PLACE_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

#include "pagefault/api.h"

struct place {
  u64 first;  /* thread, slot, counted or not */
  u64 second; /* thread, faults, owner */
};

/* In .bss: a load, where a map is fourteen instructions. */
static struct place pf_places[PF_PLACES];

static __always_inline u64 words(u32 high, u32 low) {
  return (u64)high << 32 | low;
}

/* An odd factor permutes the places, so that threads made one after the other
 * do not share cache lines. */
static __always_inline struct place *place_of(u32 thread) {
  return &pf_places[(thread * 40503U) & (PF_PLACES - 1)];
}

#endif
