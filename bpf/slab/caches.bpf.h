/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Which slot counts for a cache.
 *
 * slab_caches decides; slab_front is a copy that costs one load: an element is
 * (address << 7) | slot. Kernel addresses have their upper 7 bits set and their
 * lower 3 clear, so the shifted address leaves 10 bits and an element is read
 * and written whole. */
#ifndef BPFMEM_SLAB_CACHES_BPF_H
#define BPFMEM_SLAB_CACHES_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "hash.bpf.h"
#include "slab/api.h"

#define FRONT_BITS 11

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

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, SLAB_SLOTS_MAX);
  __type(key, u32);
  __type(value, struct slab_slot);
} slab_slots SEC(".maps");

const volatile struct slab_config slab_config SEC(SLAB_CONFIG_SECTION) = {
    .atomic = 1};

__u64 slab_front[1 << FRONT_BITS];
struct slab_stats slab_stats SEC(SLAB_STATS_SECTION) = {};

/* The slot of "kmem_cache", the cache that caches come from. */
__u32 slab_slot_of_caches;

static __always_inline u64 front_index(u64 cache) {
  return hash_bits(cache, FRONT_BITS);
}

static __always_inline void front_store(u64 cache, u32 slot) {
  u32 index = front_index(cache);

  if (slab_front[index] && !slab_front[index ^ 1])
    index ^= 1;
  slab_front[index] = cache << 7 | slot;
}

static __always_inline void front_drop(u64 cache) {
  u32 index = front_index(cache);

  if ((slab_front[index] ^ cache << 7) < SLAB_SLOTS_MAX)
    slab_front[index] = 0;
  if ((slab_front[index ^ 1] ^ cache << 7) < SLAB_SLOTS_MAX)
    slab_front[index ^ 1] = 0;
}

static __always_inline bool is_cache_of_caches(const char *name) {
  const char wanted[] = "kmem_cache";

  for (u32 i = 0; i < sizeof(wanted); i++)
    if (name[i] != wanted[i])
      return false;
  return true;
}

static __always_inline void slot_describe(struct slab_slot *slot, u64 cache,
                                          u32 index) {
  struct kmem_cache *s = (void *)cache;

  slot->cache = cache;
  slot->size = BPF_CORE_READ(s, size);
  bpf_probe_read_kernel_str(slot->name, sizeof(slot->name),
                            BPF_CORE_READ(s, name));
  slot->owner++;
  if (is_cache_of_caches(slot->name))
    slab_slot_of_caches = index;
}

static __always_inline u32 slot_find(u64 cache) {
  u32 *found = bpf_map_lookup_elem(&slab_caches, &cache);
  struct slab_slot *slot;
  u32 index;

  if (found) {
    index = *found;
    front_store(cache, index);
    return index;
  }
  if (bpf_map_pop_elem(&slab_free, &index))
    return SLAB_SLOT_OTHER;
  slot = bpf_map_lookup_elem(&slab_slots, &index);
  if (!slot)
    return SLAB_SLOT_OTHER;
  if (bpf_map_update_elem(&slab_caches, &cache, &index, BPF_NOEXIST)) {
    bpf_map_push_elem(&slab_free, &index, BPF_ANY);
    found = bpf_map_lookup_elem(&slab_caches, &cache);
    return found ? *found : SLAB_SLOT_OTHER;
  }
  slot_describe(slot, cache, index);
  front_store(cache, index);
  return index;
}

/* Not in the front: for n events. */
static __noinline u64 slot_search(u64 cache, u64 n) {
  u32 index = slot_find(cache);

  if (index == SLAB_SLOT_OTHER)
    __sync_fetch_and_add(&slab_stats.untracked, n);
  return index;
}

static __always_inline u64 slot_of(u64 cache, u64 n) {
  u64 index = front_index(cache);
  u64 slot = slab_front[index] ^ cache << 7;

  if (slot < SLAB_SLOTS_MAX)
    return slot;
  slot = slab_front[index ^ 1] ^ cache << 7;
  return slot < SLAB_SLOTS_MAX ? slot : slot_search(cache, n);
}

/* A struct kmem_cache was allocated at this address: whatever cache was there
 * before is gone, and what comes from it now belongs to a new owner. User space
 * gives the old slot back when it finds slab_slot.cache cleared. */
static __always_inline void slot_retire(u64 cache) {
  u32 *found = bpf_map_lookup_elem(&slab_caches, &cache);
  struct slab_slot *slot;
  u32 index;

  if (!found)
    return;
  index = *found;
  bpf_map_delete_elem(&slab_caches, &cache);
  front_drop(cache);
  slot = bpf_map_lookup_elem(&slab_slots, &index);
  if (slot)
    slot->cache = 0;
}

#endif
