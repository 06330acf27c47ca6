/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts slab objects allocated and freed, per kernel cache.
 *
 * The kmem tracepoints see one object at a time; bulk and deferred entry points
 * bypass them and are hooked by their functions. Raw tracepoints, not tp_btf:
 * up to 6.12 the verifier refuses to read a `const void *` argument there.
 * Which programs run on a kernel: plugin/slab/hooks.c. */
#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "slab/again.bpf.h"
#include "slab/api.h"
#include "slab/caches.bpf.h"
#include "slab/counts.bpf.h"
#include "slab/lines.bpf.h"
#include "slab/object.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* A raw tracepoint about one object, which is its second argument. Its programs
 * line_* and plain_* are for kernels where none interrupts itself or is
 * preempted, and without copies (plugin/slab/attach.c). cache_of() tells
 * the cache, or 0 if there is nothing to count. */
#define TRACEPOINT(name, program, cache_of, counter, shared_counter)           \
  ALONE(line, line_count, line_rest, name, program, cache_of, counter)         \
  ALONE(plain, count_quick, count_object, name, program, cache_of, counter)    \
  static __always_inline void on_##program(                                    \
      struct bpf_raw_tracepoint_args *ctx, enum slab_counter by) {             \
    count_object(cache_of(ctx), ctx->args[1], by);                             \
  }                                                                            \
  COPIES("raw_tp/" name, struct bpf_raw_tracepoint_args, program,              \
         ctx->args[1], on_##program, counter, shared_counter)

#define ALONE(prefix, quick, rest, name, program, cache_of, counter)           \
  static __noinline int prefix##_rest_##program(u64 cache, u64 object) {       \
    rest(cache, object, counter);                                              \
    return 0;                                                                  \
  }                                                                            \
  SEC("raw_tp/" name)                                                          \
  int prefix##_##program(struct bpf_raw_tracepoint_args *ctx) {                \
    u32 cpu = cpu_first();                                                     \
    u64 cache = cache_of(ctx);                                                 \
                                                                               \
    return !cache || quick(cpu, cache, counter)                                \
               ? 0                                                             \
               : prefix##_rest_##program(cache, ctx->args[1]);                 \
  }

/* The cache of caches has no line: its events are looked at. */
static __always_inline void line_rest(u64 cache, u64 object,
                                      enum slab_counter counter) {
  u64 slot = count_object(cache, object, counter);

  if (slot == SLAB_SLOT_OTHER)
    return;
  if (slot != slab_slot_of_caches)
    line_take(cache, slot);
  else if (counter == SLAB_ALLOC)
    lines_leave(object);
}

/* kmem_cache_free since 6.1 (2c1d697fb8ba): call_site, ptr, cache. The kernel
 * has used the cache by then: no test whether there is one. */
static __always_inline u64 given_cache(struct bpf_raw_tracepoint_args *ctx) {
  u64 cache = ctx->args[2];

  __builtin_assume(cache);
  return cache;
}

/* kmem_cache_alloc since 6.1 (11e9734bcb6a): the same; no object if it failed.
 */
static __always_inline u64 used_cache(struct bpf_raw_tracepoint_args *ctx) {
  return ctx->args[1] ? given_cache(ctx) : 0;
}

TRACEPOINT("kmem_cache_alloc", alloc_tp, used_cache, SLAB_ALLOC,
           SLAB_ALLOC_MORE)
TRACEPOINT("kmem_cache_free", free_tp, given_cache, SLAB_FREE, SLAB_FREE_MORE)

/* kmalloc, kfree: call_site, ptr. Large ones (pages) are no slab objects. */
static __always_inline u64 own_cache(struct bpf_raw_tracepoint_args *ctx) {
#ifndef SLAB_PAGE_ONLY
  return object_cache_kfunc(ctx->args[1]);
#else
  return object_cache_page(ctx->args[1]);
#endif
}

#ifndef SLAB_PAGE_ONLY
TRACEPOINT("kmalloc", kmalloc_kfunc, own_cache, SLAB_KMALLOC, SLAB_ALLOC_MORE)
TRACEPOINT("kfree", kfree_kfunc, own_cache, SLAB_KFREE, SLAB_FREE_MORE)
#else
TRACEPOINT("kmalloc", kmalloc_page, own_cache, SLAB_KMALLOC, SLAB_ALLOC_MORE)
TRACEPOINT("kfree", kfree_page, own_cache, SLAB_KFREE, SLAB_FREE_MORE)

/* Before 6.1: call_site, ptr, no cache; and the node variants are apart. No
 * guard skips these, so they have no copies. */
static __always_inline int on_page(struct bpf_raw_tracepoint_args *ctx,
                                   enum slab_counter counter) {
  count_object(own_cache(ctx), ctx->args[1], counter);
  return 0;
}

SEC("raw_tp/kmem_cache_alloc")
int slab_alloc_page(struct bpf_raw_tracepoint_args *ctx) {
  return on_page(ctx, SLAB_ALLOC);
}

SEC("raw_tp/kmem_cache_alloc_node")
int slab_alloc_node_page(struct bpf_raw_tracepoint_args *ctx) {
  return on_page(ctx, SLAB_ALLOC_NODE);
}

SEC("raw_tp/kmalloc_node")
int slab_kmalloc_node_page(struct bpf_raw_tracepoint_args *ctx) {
  return on_page(ctx, SLAB_KMALLOC_NODE);
}

SEC("raw_tp/kmem_cache_free")
int slab_free_page(struct bpf_raw_tracepoint_args *ctx) {
  return on_page(ctx, SLAB_FREE);
}
#endif

#include "slab/functions.bpf.h"
#include "slab/kprobes.bpf.h"
