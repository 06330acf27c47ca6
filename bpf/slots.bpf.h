/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Which slot counts for a file: found in pf_files, or taken from pf_free.
 *
 * The queue hands each free slot to one taker on every kernel since 4.20;
 * BPF_NOEXIST decides between takers that race for one file. User space retires
 * slots (plugin/probe/slots.c). */
#ifndef BPFMEM_SLOTS_BPF_H
#define BPFMEM_SLOTS_BPF_H

#include "pagefault_api.h"

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

/* A free slot for the file, or PF_SLOT_OTHER when there is none. */
static __always_inline u32 slot_take(const struct pf_key *key) {
  struct pf_slot *slot;
  u32 taken, *winner;

  if (bpf_map_pop_elem(&pf_free, &taken))
    return PF_SLOT_OTHER;
  slot = bpf_map_lookup_elem(&pf_slots, &taken);
  if (!slot)
    return PF_SLOT_OTHER;
  slot->key = *key;
  slot->named = 0;
  slot->owner++;
  if (!bpf_map_update_elem(&pf_files, key, &taken, BPF_NOEXIST))
    return taken;
  slot->owner--; /* another CPU was first with this file */
  bpf_map_push_elem(&pf_free, &taken, BPF_ANY);
  winner = bpf_map_lookup_elem(&pf_files, key);
  return winner ? *winner : PF_SLOT_OTHER;
}

static __always_inline u32 slot_of(const struct pf_key *key) {
  u32 *slot = bpf_map_lookup_elem(&pf_files, key);

  return slot ? *slot : slot_take(key);
}

static __always_inline u32 slot_owner(u32 index) {
  struct pf_slot *slot = bpf_map_lookup_elem(&pf_slots, &index);

  return slot ? slot->owner : 0;
}

#endif
