/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the entry of a fault knows and its return needs: the hooks kprobe and
 * fexit take the thread's place by compare and swap, and who finds it taken
 * goes to the hash pf_stash, so that nothing is lost. pf_stash alone serves
 * kernels without compare and swap. */
#ifndef BPFMEM_STASH_BPF_H
#define BPFMEM_STASH_BPF_H

#include "pagefault_api.h"
#include "place.bpf.h"
#include "slots.bpf.h"

struct fault_stash {
  u32 slot;
  u32 owner;
  u32 flags;
};

/* Preallocated: a fault never waits for memory. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384); /* threads inside a fault; user space lowers it */
  __type(key, u32);
  __type(value, struct fault_stash);
} pf_stash SEC(".maps");

/* r0 = cmpxchg_64(word, r0, r2), since 5.12 (5ffa25502b5a). In bytes, as clang
 * knows the instruction only with -mcpu=v3, whose other instructions 5.10's
 * verifier tracks badly. Fully ordered. */
static __always_inline bool swap_word(u64 *word, u64 from, u64 to) {
  register u64 r0 asm("r0") = from;
  register u64 *r1 asm("r1") = word;
  register u64 r2 asm("r2") = to;

  asm volatile(".8byte 0x000000f1000021db"
               : "+r"(r0)
               : "r"(r1), "r"(r2)
               : "memory");
  return r0 == from;
}

/* A place that is ours already is left from a fault whose end was missed. */
static __always_inline bool direct_claim(struct direct *direct, u32 thread,
                                         u32 flags) {
  if (direct->first >> 32 == thread) {
    direct->first = words(thread, flags);
    return true;
  }
  return !direct->first && swap_word(&direct->first, 0, words(thread, flags));
}

static __always_inline void hash_put(u32 thread, u32 slot, u32 owner,
                                     u32 flags) {
  struct fault_stash stash = {.slot = slot, .owner = owner, .flags = flags};

  bpf_map_update_elem(&pf_stash, &thread, &stash, BPF_ANY);
}

/* Takes the thread's stash away. PF_SLOT_UNATTRIBUTED when there is none, as
 * its entry was missed, or its slot has another owner since. */
static __always_inline u32 hash_take(u32 thread, u32 *flags) {
  struct fault_stash *stash = bpf_map_lookup_elem(&pf_stash, &thread);
  u32 slot = PF_SLOT_UNATTRIBUTED;

  if (!stash)
    return slot;
  *flags = stash->flags;
  if (stash->owner == slot_owner(stash->slot))
    slot = stash->slot;
  bpf_map_delete_elem(&pf_stash, &thread);
  return slot;
}

static __always_inline void stash_put(const bool direct, u32 slot, u32 owner,
                                      u32 flags) {
  u32 thread = this_thread();
  struct direct *place = direct ? direct_place(thread) : NULL;

  if (place && direct_claim(place, thread, flags))
    place->second = words(slot, owner);
  else
    hash_put(thread, slot, owner, flags);
}

static __always_inline u32 stash_take(const bool direct, u32 *flags) {
  u32 thread = this_thread(), slot;
  struct direct *place = direct ? direct_place(thread) : NULL;
  u64 first, second;

  if (!place || place->first >> 32 != thread)
    return hash_take(thread, flags);
  first = place->first;
  second = place->second;
  swap_word(&place->first, first, 0); /* ordered after the reads */
  *flags = (u32)first;
  slot = second >> 32;
  return slot_owner(slot) == (u32)second ? slot : PF_SLOT_UNATTRIBUTED;
}

#endif
