/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts slab objects allocated and freed, per kernel cache.
 *
 * The kmem tracepoints see one object at a time; bulk and deferred entry points
 * bypass them and are hooked by their functions. Raw tracepoints, not tp_btf:
 * up to 6.12 the verifier refuses to read a `const void *` argument there.
 * Which programs run on a kernel: plugin/probe/slab_hooks.c. */
#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "slab_api.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile struct slab_config slab_config SEC(SLAB_CONFIG_SECTION) = {
    .atomic = 1};

#include "caches.bpf.h"
#include "object.bpf.h"
#include "slab_again.bpf.h"

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

/* An object came from its cache; one from "kmem_cache" is a cache itself. */
static __always_inline void count_alloc(u64 cache, u64 object,
                                        enum slab_counter counter) {
  if (!cache || !object)
    return; /* the allocation failed */
  if (count(cache, counter, 1) == slab_slot_of_caches)
    slot_retire(object);
}

/* Of a tracepoint about one object, which is its second argument. The program
 * plain_* is for kernels where it neither interrupts itself nor is preempted,
 * and without copies (plugin/probe/slab_attach.c). */
#define TRACEPOINT(name, program, quick, handler, counter, shared_counter)     \
  static __noinline int rest_##program(struct bpf_raw_tracepoint_args *ctx) {  \
    handler(ctx, counter);                                                     \
    return 0;                                                                  \
  }                                                                            \
  SEC("raw_tp/" name)                                                          \
  int plain_##program(struct bpf_raw_tracepoint_args *ctx) {                   \
    u32 cpu = cpu_first();                                                     \
                                                                               \
    return quick(cpu, ctx, counter) ? 0 : rest_##program(ctx);                 \
  }                                                                            \
  COPIES("raw_tp/" name, struct bpf_raw_tracepoint_args, program,              \
         ctx->args[1], handler, counter, shared_counter)

/* kmem_cache_alloc since 6.1 (11e9734bcb6a): call_site, ptr, cache. */
static __always_inline void on_alloc(struct bpf_raw_tracepoint_args *ctx,
                                     enum slab_counter counter) {
  count_alloc(ctx->args[2], ctx->args[1], counter);
}

static __always_inline bool quick_alloc(u32 cpu,
                                        struct bpf_raw_tracepoint_args *ctx,
                                        enum slab_counter counter) {
  return ctx->args[1] && count_quick(cpu, ctx->args[2], counter);
}

/* kmem_cache_free since 6.1 (2c1d697fb8ba): call_site, ptr, cache. */
static __always_inline void on_free(struct bpf_raw_tracepoint_args *ctx,
                                    enum slab_counter counter) {
  count(ctx->args[2], counter, 1);
}

static __always_inline bool quick_free(u32 cpu,
                                       struct bpf_raw_tracepoint_args *ctx,
                                       enum slab_counter counter) {
  return count_quick(cpu, ctx->args[2], counter);
}

TRACEPOINT("kmem_cache_alloc", alloc_tp, quick_alloc, on_alloc, SLAB_ALLOC,
           SLAB_ALLOC_MORE)
TRACEPOINT("kmem_cache_free", free_tp, quick_free, on_free, SLAB_FREE,
           SLAB_FREE_MORE)

/* kmalloc, kfree: call_site, ptr. Large ones (pages) are no slab objects. */
#ifndef SLAB_PAGE_ONLY
static __always_inline void on_object(struct bpf_raw_tracepoint_args *ctx,
                                      enum slab_counter counter) {
  count_cache(object_cache_kfunc(ctx->args[1]), counter, 1);
}

static __always_inline bool quick_object(u32 cpu,
                                         struct bpf_raw_tracepoint_args *ctx,
                                         enum slab_counter counter) {
  u64 cache = object_cache_kfunc(ctx->args[1]);

  return !cache || count_quick(cpu, cache, counter);
}

TRACEPOINT("kmalloc", kmalloc_kfunc, quick_object, on_object, SLAB_KMALLOC,
           SLAB_ALLOC_MORE)
TRACEPOINT("kfree", kfree_kfunc, quick_object, on_object, SLAB_KFREE,
           SLAB_FREE_MORE)
#else
static __always_inline void on_object_page(struct bpf_raw_tracepoint_args *ctx,
                                           enum slab_counter counter) {
  count_cache(object_cache_page(ctx->args[1]), counter, 1);
}

static __always_inline bool
quick_object_page(u32 cpu, struct bpf_raw_tracepoint_args *ctx,
                  enum slab_counter counter) {
  u64 cache = object_cache_page(ctx->args[1]);

  return !cache || count_quick(cpu, cache, counter);
}

TRACEPOINT("kmalloc", kmalloc_page, quick_object_page, on_object_page,
           SLAB_KMALLOC, SLAB_ALLOC_MORE)
TRACEPOINT("kfree", kfree_page, quick_object_page, on_object_page, SLAB_KFREE,
           SLAB_FREE_MORE)

/* Before 6.1: call_site, ptr, no cache; and the node variants are apart. No
 * guard skips these, so they have no copies. */
SEC("raw_tp/kmem_cache_alloc")
int slab_alloc_page(struct bpf_raw_tracepoint_args *ctx) {
  u64 object = ctx->args[1];

  count_alloc(object_cache_page(object), object, SLAB_ALLOC);
  return 0;
}

SEC("raw_tp/kmem_cache_alloc_node")
int slab_alloc_node_page(struct bpf_raw_tracepoint_args *ctx) {
  u64 object = ctx->args[1];

  count_alloc(object_cache_page(object), object, SLAB_ALLOC_NODE);
  return 0;
}

SEC("raw_tp/kmalloc_node")
int slab_kmalloc_node_page(struct bpf_raw_tracepoint_args *ctx) {
  on_object_page(ctx, SLAB_KMALLOC_NODE);
  return 0;
}

SEC("raw_tp/kmem_cache_free")
int slab_free_page(struct bpf_raw_tracepoint_args *ctx) {
  on_object_page(ctx, SLAB_FREE);
  return 0;
}
#endif

#include "slab_functions.bpf.h"
#include "slab_kprobes.bpf.h"
