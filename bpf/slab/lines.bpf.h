/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts the events of a cache in a line of this CPU that is the cache's own:
 * no lookup in a map, and no other cache line. In .bss, as that is the memory
 * that a program addresses without a lookup; so its size is the same
 * everywhere.
 *
 * Lines are for programs that nothing interrupts with the same counter:
 * "line_*" (plugin/slab/attach.c). */
#ifndef BPFMEM_SLAB_LINES_BPF_H
#define BPFMEM_SLAB_LINES_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

#include "hash.bpf.h"
#include "slab/api.h"
#include "slab/caches.bpf.h"

struct slab_line slab_lines[SLAB_LINE_CPUS * SLAB_LINES]
    __attribute__((aligned(64)));

/* A cache may have either of two places, this one and its neighbour (^ 1). To
 * the verifier of 6.1 what "|" makes of two variables has no bounds, and that
 * is what clang makes of "+". */
static __always_inline u64 line_place(u64 cpu, u64 cache) {
  u64 first = (cpu % SLAB_LINE_CPUS) << SLAB_LINE_BITS;

  barrier_var(first);
  return first + hash_bits(cache, SLAB_LINE_BITS);
}

/* False if the cache has no line here: then nothing was done. The first place
 * has an add of its own, so that no jump leads to it. */
static __always_inline bool line_count(u32 cpu, u64 cache,
                                       enum slab_counter counter) {
  u64 place = line_place(cpu, cache);
  struct slab_line *line = &slab_lines[place];

  barrier_var(line); /* or its address is made again for the counter */
  if (__builtin_expect(line->cache == cache, 1)) {
    line->count[counter]++;
    return true;
  }
  line = &slab_lines[place ^ 1];
  if (line->cache != cache)
    return false;
  line->count[counter]++;
  return true;
}

/* Other programs of this CPU may be at it, too, before or in between. */
static __always_inline bool line_take_at(u64 place, u64 cache, u32 slot) {
  struct slab_line *line = &slab_lines[place];

  if (line->taken || __sync_val_compare_and_swap(&line->taken, 0, 1))
    return false;
  line->slot = slot;
  __sync_lock_test_and_set(&line->cache, cache); /* after the slot */
  return true;
}

/* For a cache without a line; there may be none for it. */
static __always_inline void line_take(u64 cache, u32 slot) {
  u64 place = line_place(bpf_get_smp_processor_id(), cache);

  if (!line_take_at(place, cache, slot))
    line_take_at(place ^ 1, cache, slot);
}

static __noinline long line_leave(u32 cpu, u64 *cache) {
  u64 place = line_place(cpu, *cache);

  if (slab_lines[place].cache == *cache)
    slab_lines[place].cache = SLAB_LINE_LEFT;
  if (slab_lines[place ^ 1].cache == *cache)
    slab_lines[place ^ 1].cache = SLAB_LINE_LEFT;
  return 0;
}

/* A new cache is at this address: the lines of the old one take no more. */
static __always_inline void lines_leave(u64 cache) {
  bpf_loop(slab_config.line_cpus, line_leave, &cache, 0);
}

#endif
