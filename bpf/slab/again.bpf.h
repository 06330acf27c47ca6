/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Recovers the events that BPF's recursion guard hides: in an interrupt, or
 * when a program is preempted, the kernel skips a program that already runs on
 * this CPU (raw tracepoints: since 6.1, 05b24ff9b2cf).
 *
 * More copies of the program run behind the first; each has a guard of its own.
 * Whichever counts the event leaves a token, the last one takes it. The token
 * is made of the context's address: it lies on the stack of whatever raised the
 * event, so no two events in progress share it, on any kernel and in any
 * context; and of the object, so that no old token is taken for a new one.
 *
 * Where a token lies depends on the stack, so that tasks that preempt each
 * other seldom meet. What interrupts in between leaves its own and takes it
 * again: `before` is what was there before it. */
#ifndef BPFMEM_SLAB_AGAIN_BPF_H
#define BPFMEM_SLAB_AGAIN_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

#include "preempt.bpf.h"
#include "slab/api.h"
#include "slab/caches.bpf.h"
#include "slab/object.bpf.h"

#define STACK_SHIFT 14 /* a stack has 16 KiB on x86-64 and arm64 */

struct slab_token {
  u64 stack, key, stack_before, key_before;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, SLAB_TOKENS); /* set before load: times CPUs */
  __type(key, u32);
  __type(value, struct slab_token);
} slab_tokens SEC(".maps");

static __always_inline struct slab_token *token_place(u32 cpu, u64 stack) {
  u32 index = cpu * SLAB_TOKENS + (stack >> STACK_SHIFT) % SLAB_TOKENS;

  return bpf_map_lookup_elem(&slab_tokens, &index);
}

/* Event is a number that tells tracepoints and functions apart. */
static __always_inline u64 token_key(u64 object, u32 event) {
  return object ^ (u64)event << 56;
}

static __always_inline void token_put(struct slab_token *token, u64 stack,
                                      u64 key) {
  bool over = stack - token->stack < 1 << STACK_SHIFT;

  token->stack_before = over ? 0 : token->stack;
  token->key_before = token->key;
  token->stack = stack;
  token->key = key;
}

/* The first copy handles this event. */
static __always_inline void token_leave(const void *ctx, u64 object,
                                        u32 event) {
  struct slab_token *token;
  u64 stack;

  if (slab_config.copies < 2)
    return;
  stack = pointer_distance(ctx);
  token = token_place(bpf_get_smp_processor_id(), stack);
  if (token)
    token_put(token, stack, token_key(object, event));
}

struct token_search {
  u64 stack, key;
  bool found;
};

/* A task that was preempted between two copies, with another one's token on top
 * of its own. Where programs are not preempted that cannot be. */
static __always_inline bool token_is_below(struct slab_token *token, u64 stack,
                                           u64 key) {
  return slab_config.copies == SLAB_COPIES_MAX &&
         token->stack_before == stack && token->key_before == key;
}

static __noinline long token_look(u32 cpu, struct token_search *search) {
  struct slab_token *token = token_place(cpu, search->stack);

  if (!token)
    return 0;
  if ((token->stack != search->stack || token->key != search->key) &&
      !token_is_below(token, search->stack, search->key))
    return 0;
  search->found = true;
  return 1;
}

/* Whether it lies below another, here or on another CPU, where such a task was
 * before. Asked about few events. */
static __always_inline bool token_is_elsewhere(u64 stack, u64 key) {
  struct token_search search = {.stack = stack, .key = key};

  if (slab_config.copies < SLAB_COPIES_MAX)
    return false;
  bpf_loop(slab_config.cpus, token_look, &search, 0);
  return search.found;
}

/* Whether the copies before missed this event; `copy` counts from 1. */
static __always_inline bool token_lacks(const void *ctx, u64 object, u32 event,
                                        u32 copy) {
  u64 stack = pointer_distance(ctx), key = token_key(object, event);
  struct slab_token *token = token_place(bpf_get_smp_processor_id(), stack);

  if (!token)
    return false;
  if (token->stack == stack && token->key == key) {
    if (copy == slab_config.copies) {
      token->stack = token->stack_before;
      token->key = token->key_before;
    }
    return false;
  }
  if (token_is_elsewhere(stack, key))
    return false;
  if (copy < slab_config.copies)
    token_put(token, stack, key);
  __sync_fetch_and_add(&slab_stats.recovered, 1);
  return true;
}

#ifndef SLAB_PAGE_ONLY
static __always_inline void stay(void) {
  preempt_off(slab_config.preemptible);
}

static __always_inline void stay_no_more(void) {
  preempt_on(slab_config.preemptible);
}
#else
static __always_inline void stay(void) {
}
static __always_inline void stay_no_more(void) {
}
#endif

/* Three copies of a program. The counter of the first has no other writer on
 * its CPU; that of the others is shared. */
#define COPIES(section, type, name, object, handler, counter, shared_counter)  \
  SEC(section)                                                                 \
  int slab_##name(type *ctx) {                                                 \
    stay();                                                                    \
    token_leave(ctx, object, counter);                                         \
    handler(ctx, counter);                                                     \
    stay_no_more();                                                            \
    return 0;                                                                  \
  }                                                                            \
  SEC(section)                                                                 \
  int again_##name(type *ctx) {                                                \
    stay();                                                                    \
    if (token_lacks(ctx, object, counter, 2))                                  \
      handler(ctx, shared_counter);                                            \
    stay_no_more();                                                            \
    return 0;                                                                  \
  }                                                                            \
  SEC(section)                                                                 \
  int third_##name(type *ctx) {                                                \
    stay();                                                                    \
    if (token_lacks(ctx, object, counter, 3))                                  \
      handler(ctx, shared_counter);                                            \
    stay_no_more();                                                            \
    return 0;                                                                  \
  }

#endif
