/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is known of a thread's fault while it lasts: a fault may sleep and go on
 * on another CPU. pf_direct has a place for each thread id modulo its size, so
 * two threads that fault at one time may have the same. */
#ifndef BPFMEM_PLACE_BPF_H
#define BPFMEM_PLACE_BPF_H

#include "pagefault_api.h"

struct direct {
  u64 first;  /* thread, flags; tracepoint: thread, slot, counted or not */
  u64 second; /* slot, owner; tracepoint: thread, faults, owner */
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, PF_DIRECT_COUNT);
  __type(key, u32);
  __type(value, struct direct);
} pf_direct SEC(".maps");

static __always_inline u64 words(u32 high, u32 low) {
  return (u64)high << 32 | low;
}

static __always_inline u32 this_thread(void) {
  return (u32)bpf_get_current_pid_tgid();
}

/* An odd factor permutes the places, so that threads made one after the other
 * do not share cache lines. */
static __always_inline struct direct *direct_place(u32 thread) {
  u32 index = (thread * 40503U) & (PF_DIRECT_COUNT - 1);

  return bpf_map_lookup_elem(&pf_direct, &index);
}

#endif
