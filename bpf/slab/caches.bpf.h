/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts events of caches, in slots and lines.
 *
 * slab_caches says which slot a cache has. The first event of a cache takes a
 * slot. User space puts the slot back into the queue two reads after the cache
 * is gone. */
#ifndef BPFMEM_SLAB_CACHES_BPF_H
#define BPFMEM_SLAB_CACHES_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "atomic.bpf.h"
#include "offer.bpf.h"
#include "slab/api.h"

const volatile struct slab_config slab_config SEC(SLAB_CONFIG_SECTION) = {
    .atomic = 1, .cpus = 1};
struct slab_stats slab_stats SEC(SLAB_STATS_SECTION) = {};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, SLAB_SLOTS_MAX);
  __type(key, u64);
  __type(value, u32);
} slab_caches SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, SLAB_SLOTS_MAX);
  __uint(value_size, sizeof(u32));
} slab_free SEC(".maps");

/* User space runs it: see run_slots() of plugin/kernel/run.h. */
SEC("raw_tp")
int slab_offer(u64 *args) {
  return offer_slots(&slab_free, args);
}

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, SLAB_SLOTS_MAX);
  __type(key, u32);
  __type(value, struct slab_slot);
} slab_slots SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, SLAB_SLOTS_MAX); /* set before load: times CPUs */
  __type(key, u32);
  __type(value, struct slab_count);
} slab_counts SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, SLAB_PAIR_COUNT); /* set before load: times CPUs */
  __type(key, u32);
  __type(value, struct slab_pair);
} slab_lines SEC(".maps");

/* The slot of SLAB_CACHE_OF_CACHES, once it has one. */
__u32 slab_slot_of_caches;

static __always_inline bool cache_is_of_caches(const struct slab_slot *slot) {
  const char name[] = SLAB_CACHE_OF_CACHES;

  for (u32 i = 0; i < sizeof(name); i++)
    if (slot->name[i] != name[i])
      return false;
  return true;
}

static __always_inline void cache_describe(struct slab_slot *slot, u64 cache) {
  struct kmem_cache *s = (void *)cache;

  slot->cache = cache;
  slot->size = BPF_CORE_READ(s, size);
  bpf_probe_read_kernel_str(slot->name, sizeof(slot->name),
                            BPF_CORE_READ(s, name));
}

/* Another CPU gave the cache a slot first. A push of this slot into the queue
 * could fail and lose it. So user space gives it back, as it does with slots of
 * caches that are gone. */
static __always_inline void cache_decline_slot(struct slab_slot *slot) {
  slot->cache = 0;
  slot->name[0] = '\0';
  atomic_publish(&slot->owner);
}

static __always_inline u32 cache_take_slot(u64 cache) {
  struct slab_slot *slot;
  u32 index, *found;

  if (bpf_map_pop_elem(&slab_free, &index))
    return SLAB_SLOT_OTHER;
  slot = bpf_map_lookup_elem(&slab_slots, &index);
  if (!slot)
    return SLAB_SLOT_OTHER;
  if (bpf_map_update_elem(&slab_caches, &cache, &index, BPF_NOEXIST)) {
    cache_decline_slot(slot);
    found = bpf_map_lookup_elem(&slab_caches, &cache);
    return found ? *found : SLAB_SLOT_OTHER;
  }
  cache_describe(slot, cache);
  if (cache_is_of_caches(slot))
    slab_slot_of_caches = index;
  atomic_publish(&slot->owner);
  return index;
}

/* Takes the cache's lines from it, on all CPUs: they take no more events. The
 * loops have a constant end, as 5.10 has no bpf_loop(). The inner one is in a
 * global function, which the verifier checks once: it follows each turn of a
 * loop, and turns for thousands of CPUs are too many. */
#define LEAVE_CPUS 64

__noinline int lines_leave_some(u64 cache, u32 cpu) {
  for (u32 i = 0; i < LEAVE_CPUS; i++, cpu++) {
    u32 index = cpu << SLAB_PAIR_BITS | slab_pair(cache);
    struct slab_pair *pair = bpf_map_lookup_elem(&slab_lines, &index);

    if (!pair)
      break;
    for (u32 line = 0; line < SLAB_PAIR_LINES; line++)
      if (pair->line[line].cache == cache)
        pair->line[line].cache = SLAB_LINE_LEFT;
  }
  return 0;
}

__noinline int lines_leave(u64 cache) {
  for (u32 cpu = 0; cpu < slab_config.cpus; cpu += LEAVE_CPUS)
    lines_leave_some(cache, cpu);
  return 0;
}

/* Called when a struct kmem_cache was allocated at this address. Whatever cache
 * was there before is gone, and objects of the new one belong to a new owner.
 * User space sees slab_slot.cache cleared. The new cache has no event before
 * this is done. */
static __always_inline void cache_retire(u64 cache) {
  u32 *found = bpf_map_lookup_elem(&slab_caches, &cache);
  struct slab_slot *slot;
  u32 index;

  if (!found)
    return;
  index = *found;
  if (bpf_map_delete_elem(&slab_caches, &cache))
    return; /* cannot be: tasks make caches, and hold no lock of it */
  slot = bpf_map_lookup_elem(&slab_slots, &index);
  if (slot)
    slot->cache = 0;
  lines_leave(cache);
}

/* Counts n events of a cache in its slot. `object` is the allocated one: from
 * SLAB_CACHE_OF_CACHES it is a cache itself. It is 0 if nobody has to look at
 * it. */
__noinline int cache_count(u64 cache, u64 object, u32 event, u64 n) {
  u32 *found = bpf_map_lookup_elem(&slab_caches, &cache);
  u32 slot = found ? *found : cache_take_slot(cache);
  u32 index = bpf_get_smp_processor_id() * SLAB_SLOTS_MAX + slot;
  struct slab_count *counts = bpf_map_lookup_elem(&slab_counts, &index);

  if (!counts) {
    atomic_add(&slab_stats.beyond, n);
    return 0;
  }
  atomic_add(&counts->events[event % SLAB_EVENT_COUNT], n);
  if (slot == SLAB_SLOT_OTHER)
    atomic_add(&slab_stats.untracked, n);
  else if (object && slot == slab_slot_of_caches)
    cache_retire(object);
  return 0;
}

static __always_inline void line_add(struct slab_line *line,
                                     enum slab_counter counter, u64 n) {
  bool shared =
      counter == SLAB_COUNTER_ALLOC_MORE || counter == SLAB_COUNTER_FREE_MORE;

  if (shared || slab_config.atomic)
    atomic_add(&line->count[counter], n);
  else
    line->count[counter] += n;
}

/* Returns false, and does nothing, if the cache has no line on this CPU. */
static __always_inline bool line_count(u32 cpu, u64 cache,
                                       enum slab_counter counter, u64 n) {
  u32 index = cpu << SLAB_PAIR_BITS | slab_pair(cache);
  struct slab_pair *pair = bpf_map_lookup_elem(&slab_lines, &index);
  struct slab_line *line;

  if (!pair)
    return false;
  line = &pair->line[0];
  if (line->cache != cache) {
    line = &pair->line[1];
    barrier_var(line); /* else clang counts lines, and multiplies */
    if (line->cache != cache)
      return false;
  }
  line_add(line, counter, n);
  return true;
}

#endif
