/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the entry of a fault knows and its return needs: the hooks kprobe and
 * fexit take a place for the thread by compare and swap, and who finds it taken
 * goes to the hash pf_stash, so that nothing is lost. pf_stash alone serves
 * kernels without compare and swap.
 *
 * A fault may sleep for long, and its slot be retired meanwhile. Slots in
 * places are then kept from their next owner by user space (PF_STASHED_SLOT());
 * those in the hash are stashed with their owner. */
#ifndef BPFMEM_PAGEFAULT_STASH_BPF_H
#define BPFMEM_PAGEFAULT_STASH_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

#include "hash.bpf.h"
#include "pagefault/api.h"
#include "pagefault/slots.bpf.h"

/* One word each, of 0 while nobody has it: in the upper bits the task, of whose
 * address the lower 6 bits are 0 and the upper 16 say that it is the kernel's;
 * then the slot; then whether the fault was tried before. */
__u64 pf_stashed[PF_PLACES];

#define STASHED_TASK_SHIFT 16
#define STASHED_TRIED 1

struct fault_stash {
  u32 slot;
  u32 owner;
  u32 tried;
};

/* Preallocated: a fault never waits for memory. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384); /* threads inside a fault; user space lowers it */
  __type(key, u64);
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

static __always_inline u64 stashed_word(u64 task, u32 slot, u32 tried) {
  return task << STASHED_TASK_SHIFT | (u64)slot << PF_STASHED_SLOT_SHIFT |
         tried;
}

/* Whether the word is of this task; what it says without that. */
static __always_inline bool stashed_by(u64 task, u64 word, u64 *ret_rest) {
  *ret_rest = word ^ task << STASHED_TASK_SHIFT;
  return *ret_rest >> PF_STASHED_BITS == 0;
}

/* An odd factor spreads tasks, which lie some pages apart. */
static __always_inline u64 *stash_place(u64 task) {
  return &pf_stashed[hash_bits(task, PF_PLACES_BITS)];
}

/* A place that is the task's already is left from a fault whose end was
 * missed. */
static __always_inline bool place_put(u64 task, u64 word) {
  u64 *place = stash_place(task), rest;

  if (swap_word(place, 0, word))
    return true;
  if (!stashed_by(task, *place, &rest))
    return false;
  *place = word;
  return true;
}

static __noinline void hash_put(u64 task, u32 slot, u32 tried) {
  struct fault_stash stash = {
      .slot = slot, .owner = slot_owner(slot), .tried = tried};

  bpf_map_update_elem(&pf_stash, &task, &stash, BPF_ANY);
}

/* Takes the task's stash away. PF_SLOT_UNATTRIBUTED when there is none, as its
 * entry was missed, or its slot has another owner since. */
static __noinline u32 hash_take(u64 task, u32 *ret_tried) {
  struct fault_stash *stash = bpf_map_lookup_elem(&pf_stash, &task);
  u32 slot = PF_SLOT_UNATTRIBUTED;

  if (!stash)
    return slot;
  *ret_tried = stash->tried;
  if (stash->owner == slot_owner(stash->slot))
    slot = stash->slot;
  bpf_map_delete_elem(&pf_stash, &task);
  return slot;
}

static __always_inline void stash_put(const bool placed, u32 slot, u32 tried) {
  u64 task = bpf_get_current_task();

  if (!placed || !place_put(task, stashed_word(task, slot, tried)))
    hash_put(task, slot, tried);
}

/* What is stashed of the thread's fault. *ret_place is for stash_drop(). */
static __always_inline u32 stash_look(const bool placed, u64 **ret_place,
                                      u32 *ret_tried) {
  u64 task = bpf_get_current_task(), rest;
  u64 *place = stash_place(task);

  *ret_place = NULL;
  if (!placed || !stashed_by(task, *place, &rest))
    return hash_take(task, ret_tried);
  *ret_place = place;
  *ret_tried = rest & STASHED_TRIED;
  return rest >> PF_STASHED_SLOT_SHIFT;
}

/* After the fault was counted: see PF_STASHED_SLOT(). */
static __always_inline void stash_drop(u64 *place) {
  if (!place)
    return;
#ifdef __TARGET_ARCH_x86 /* which keeps the order of stores */
  barrier();
  *place = 0;
#else
  swap_word(place, *place, 0);
#endif
}

#endif
