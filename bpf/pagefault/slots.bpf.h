/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Which slot counts for a file: found in pf_files, or taken from pf_free.
 *
 * The queue hands each free slot to one taker on every kernel since 4.20;
 * BPF_NOEXIST decides between takers that race for one file. User space retires
 * slots (plugin/pagefault/slots.c).
 *
 * Most faults are spared the lookup in the hash: pf_front guesses the slot, and
 * the guess is right if that slot has the file's key. So a slot has its key
 * only while pf_files leads to it. */
#ifndef BPFMEM_PAGEFAULT_SLOTS_BPF_H
#define BPFMEM_PAGEFAULT_SLOTS_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

#include "hash.bpf.h"
#include "pagefault/api.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1); /* set before load */
  __type(key, struct pf_key);
  __type(value, u32);
} pf_files SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 1); /* set before load */
  __uint(value_size, sizeof(u32));
} pf_free SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1); /* set before load */
  __type(key, u32);
  __type(value, struct pf_slot);
} pf_slots SEC(".maps");

/* In .bss: a load, where a map is fourteen instructions. */
__u32 pf_front[1 << PF_FRONT_BITS];

static __always_inline struct pf_slot *slot_at(u32 index) {
  return bpf_map_lookup_elem(&pf_slots, &index);
}

/* A free slot for the file, or PF_SLOT_OTHER when there is none. */
static __always_inline u32 slot_take(const struct pf_key *key) {
  struct pf_slot *slot;
  u32 taken, *winner;

  if (bpf_map_pop_elem(&pf_free, &taken))
    return PF_SLOT_OTHER;
  slot = slot_at(taken);
  if (!slot)
    return PF_SLOT_OTHER;
  slot->named = 0;
  slot->owner++;
  if (!bpf_map_update_elem(&pf_files, key, &taken, BPF_NOEXIST)) {
    slot->key = *key;
    return taken;
  }
  slot->owner--; /* another CPU was first with this file */
  bpf_map_push_elem(&pf_free, &taken, BPF_ANY);
  winner = bpf_map_lookup_elem(&pf_files, key);
  return winner ? *winner : PF_SLOT_OTHER;
}

static __always_inline u32 slot_of(const struct pf_key *key) {
  u32 *slot = bpf_map_lookup_elem(&pf_files, key);

  return slot ? *slot : slot_take(key);
}

static __always_inline bool key_is(const struct pf_key *a,
                                   const struct pf_key *b) {
  return a->ino == b->ino && a->dev == b->dev && a->generation == b->generation;
}

static __always_inline u32 *front_place(const struct pf_key *key) {
  return &pf_front[hash_bits(key->ino ^ key->dev, PF_FRONT_BITS)];
}

/* The slot that pf_front has for the file; NULL when it has none. */
static __always_inline struct pf_slot *slot_guess(const struct pf_key *key,
                                                  u32 *ret_index) {
  u32 index = *front_place(key);
  struct pf_slot *slot = slot_at(index);

  if (!slot || !key_is(&slot->key, key))
    return NULL;
  *ret_index = index;
  return slot;
}

/* After a wrong guess; PF_SLOT_OTHER when there is no room. */
static __always_inline u32 slot_find(const struct pf_key *key) {
  u32 index = slot_of(key);

  if (index != PF_SLOT_OTHER)
    *front_place(key) = index;
  return index;
}

static __always_inline u32 slot_owner(u32 index) {
  struct pf_slot *slot = slot_at(index);

  return slot ? slot->owner : 0;
}

#endif
