/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts objects that come and go, for each cache and CPU. */
#ifndef BPFMEM_SLAB_COUNTS_BPF_H
#define BPFMEM_SLAB_COUNTS_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

#include "slab/api.h"
#include "slab/caches.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, SLAB_SLOTS_MAX); /* set before load: times CPUs */
  __type(key, u32);
  __type(value, struct slab_count);
} slab_counts SEC(".maps");

/* Returns the cache's slot. */
static __always_inline u64 count(u64 cache, enum slab_counter counter, u64 n) {
  u64 slot = slot_of(cache, n);
  u32 index = bpf_get_smp_processor_id() * SLAB_SLOTS_MAX + slot;
  struct slab_count *counts = bpf_map_lookup_elem(&slab_counts, &index);
  bool shared = counter == SLAB_ALLOC_MORE || counter == SLAB_FREE_MORE;

  if (!counts)
    return slot;
  if (shared || slab_config.atomic)
    __sync_fetch_and_add(&counts->count[counter], n);
  else
    counts->count[counter] += n;
  return slot;
}

/* Nearly all events: slab_front has the cache, and nobody else writes the
 * counter. False if more has to be done, and nothing was. Who asks for the CPU
 * first has nothing to keep while it is told: each register that a program
 * keeps is saved. */
static __always_inline bool count_quick(u32 cpu, u64 cache,
                                        enum slab_counter counter) {
  u64 slot = slab_front[front_index(cache)] ^ cache << 7;
  struct slab_count *counts;
  u32 index;

  if (slot >= SLAB_SLOTS_MAX) {
    barrier_var(cache); /* or the first look shares its work with the second */
    slot = slab_front[front_index(cache) ^ 1] ^ cache << 7;
  }
  if (slot >= SLAB_SLOTS_MAX ||
      (counter == SLAB_ALLOC && slot == slab_slot_of_caches))
    return false;
  index = cpu * SLAB_SLOTS_MAX + slot;
  counts = bpf_map_lookup_elem(&slab_counts, &index);
  if (counts)
    counts->count[counter]++;
  return counts;
}

static __always_inline u32 cpu_first(void) {
  u32 cpu = bpf_get_smp_processor_id();

  barrier_var(cpu);
  return cpu;
}

static __always_inline void count_cache(u64 cache, enum slab_counter counter,
                                        u64 n) {
  if (cache)
    count(cache, counter, n);
}

/* Returns the cache's slot. An object that comes from "kmem_cache" is a cache
 * itself. */
static __always_inline u64 count_object(u64 cache, u64 object,
                                        enum slab_counter counter) {
  bool comes = counter == SLAB_ALLOC || counter == SLAB_ALLOC_NODE ||
               counter == SLAB_ALLOC_MORE;
  u64 slot;

  if (!cache)
    return SLAB_SLOT_OTHER;
  slot = count(cache, counter, 1);
  if (comes && slot == slab_slot_of_caches)
    slot_retire(object);
  return slot;
}

#endif
