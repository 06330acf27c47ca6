/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts slab objects allocated and freed, per kernel cache.
 *
 * The kmem tracepoints see one object at a time; bulk and deferred entry points
 * bypass them and are hooked by their functions. Raw tracepoints, not tp_btf:
 * up to 6.12 the verifier refuses to read a `const void *` argument there.
 * Which programs run on a kernel: plugin/probe/slab.c, table `events`. */
#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "caches.bpf.h"
#include "object.bpf.h"
#include "slab_api.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile struct slab_config slab_config = {.atomic = 1};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, SLAB_SLOTS_MAX); /* set before load: times CPUs */
  __type(key, u32);
  __type(value, struct slab_count);
} slab_counts SEC(".maps");

static __always_inline void count(u32 slot, enum slab_counter counter, u64 n) {
  u32 index = bpf_get_smp_processor_id() * SLAB_SLOTS_MAX + slot;
  struct slab_count *counts = bpf_map_lookup_elem(&slab_counts, &index);
  bool shared = counter == SLAB_ALLOC_MORE || counter == SLAB_FREE_MORE;

  if (!counts)
    return;
  if (shared || slab_config.atomic)
    __sync_fetch_and_add(&counts->count[counter], n);
  else
    counts->count[counter] += n;
  if (slot == SLAB_SLOT_OTHER)
    __sync_fetch_and_add(&slab_stats.untracked, n);
}

static __always_inline void count_cache(u64 cache, enum slab_counter counter,
                                        u64 n) {
  if (cache)
    count(slot_of(cache), counter, n);
}

/* An object came from its cache; one from "kmem_cache" is a cache itself. */
static __always_inline void count_alloc(u64 cache, u64 object,
                                        enum slab_counter counter) {
  u32 slot;

  if (!cache || !object)
    return; /* the allocation failed */
  slot = slot_of(cache);
  count(slot, counter, 1);
  if (slot == slab_slot_of_caches)
    slot_retire(object);
}

/* raw_tp/kmem_cache_alloc since 6.1 (11e9734bcb6a): call_site, ptr, cache. */
SEC("raw_tp/kmem_cache_alloc")
int slab_alloc_tp(struct bpf_raw_tracepoint_args *ctx) {
  count_alloc(ctx->args[2], ctx->args[1], SLAB_ALLOC);
  return 0;
}

/* raw_tp/kmem_cache_free since 6.1 (2c1d697fb8ba): call_site, ptr, cache. */
SEC("raw_tp/kmem_cache_free")
int slab_free_tp(struct bpf_raw_tracepoint_args *ctx) {
  count(slot_of(ctx->args[2]), SLAB_FREE, 1);
  return 0;
}

/* Before 6.1: call_site, ptr, no cache; and the node variants are apart. */
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
  count_cache(object_cache_page(ctx->args[1]), SLAB_KMALLOC_NODE, 1);
  return 0;
}

SEC("raw_tp/kmem_cache_free")
int slab_free_page(struct bpf_raw_tracepoint_args *ctx) {
  count_cache(object_cache_page(ctx->args[1]), SLAB_FREE, 1);
  return 0;
}

/* kmalloc, kfree: call_site, ptr. Large ones (pages) are no slab objects. */
SEC("raw_tp/kmalloc")
int slab_kmalloc_kfunc(struct bpf_raw_tracepoint_args *ctx) {
  count_cache(object_cache_kfunc(ctx->args[1]), SLAB_KMALLOC, 1);
  return 0;
}

SEC("raw_tp/kfree")
int slab_kfree_kfunc(struct bpf_raw_tracepoint_args *ctx) {
  count_cache(object_cache_kfunc(ctx->args[1]), SLAB_KFREE, 1);
  return 0;
}

SEC("raw_tp/kmalloc")
int slab_kmalloc_page(struct bpf_raw_tracepoint_args *ctx) {
  count_cache(object_cache_page(ctx->args[1]), SLAB_KMALLOC, 1);
  return 0;
}

SEC("raw_tp/kfree")
int slab_kfree_page(struct bpf_raw_tracepoint_args *ctx) {
  count_cache(object_cache_page(ctx->args[1]), SLAB_KFREE, 1);
  return 0;
}

/* kmem_cache_alloc_bulk(cache, flags, size, objects): all or nothing; returns
 * the number, from 7.2 on a bool. */
SEC("fexit/kmem_cache_alloc_bulk")
int BPF_PROG(slab_bulk_alloc, struct kmem_cache *cache, u64 flags, u64 size,
             u64 objects, int done) {
  if (done)
    count(slot_of(pointer_number(cache)), SLAB_ALLOC_MORE, size);
  return 0;
}

/* kmem_cache_free_bulk(NULL, ...) frees objects of any caches (kfree_bulk,
 * kvfree_rcu); the array is a `void **`, which only bpf_get_func_arg() (5.17)
 * reads on every kernel. */

static __always_inline u64 object_at(u64 objects, u32 index) {
  return read_u64((void *)(objects + index * sizeof(u64)));
}

static long free_object_kfunc(u32 index, u64 *objects) {
  count_cache(object_cache_kfunc(object_at(*objects, index)), SLAB_FREE_MORE,
              1);
  return 0;
}

static __noinline long free_object_page(u32 index, u64 *objects) {
  count_cache(object_cache_page(object_at(*objects, index)), SLAB_FREE_MORE, 1);
  return 0;
}

SEC("fentry/kmem_cache_free_bulk")
int BPF_PROG(slab_bfree_kfunc, struct kmem_cache *cache, u64 size) {
  u64 objects = 0;

  if (cache)
    count(slot_of(pointer_number(cache)), SLAB_FREE_MORE, size);
  else if (!bpf_get_func_arg(ctx, 2, &objects))
    bpf_loop(size, free_object_kfunc, &objects, 0);
  return 0;
}

SEC("fentry/kmem_cache_free_bulk")
int BPF_PROG(slab_bfree_page, struct kmem_cache *cache, u64 size) {
  u64 objects = 0;

  if (cache)
    count(slot_of(pointer_number(cache)), SLAB_FREE_MORE, size);
  else if (!bpf_get_func_arg(ctx, 2, &objects))
    bpf_loop(size, free_object_page, &objects, 0);
  return 0;
}

/* The same by kprobe, where bpf_get_func_arg() or fentry is missing; there,
 * kfree_bulk() comes from kvfree_rcu with at most 500 objects (a page of
 * pointers: KVFREE_BULK_MAX_ENTR). */
#define KPROBE_BULK_MAX 512

SEC("kprobe")
int BPF_KPROBE(slab_bfree_kprobe, u64 cache, u64 size, u64 objects) {
  if (cache) {
    count(slot_of(cache), SLAB_FREE_MORE, size);
    return 0;
  }
  for (u32 i = 0; i < KPROBE_BULK_MAX && i < size; i++)
    free_object_page(i, &objects);
  return 0;
}

/* __kfree_rcu_sheaf(cache, object): true when it took the object, which then is
 * freed without a tracepoint (6.18, ec66e0d59952). */
SEC("fexit/__kfree_rcu_sheaf")
int slab_rcu_sheaf_free(u64 *ctx) {
  u64 taken = 0;

  if (!bpf_get_func_ret(ctx, &taken) && (u8)taken)
    count(slot_of(pointer_number((void *)ctx[0])), SLAB_FREE_MORE, 1);
  return 0;
}

/* kmalloc_nolock(), kfree_nolock(): no tracepoint (6.18, af92793e52c3). */
SEC("fexit/kmalloc_nolock_noprof")
int slab_nolock_alloc(u64 *ctx) {
  u64 object = 0;

  if (!bpf_get_func_ret(ctx, &object))
    count_cache(object_cache_kfunc(object), SLAB_ALLOC_MORE, 1);
  return 0;
}

SEC("fentry/kfree_nolock")
int slab_nolock_free(u64 *ctx) {
  u64 object = 0;

  if (!bpf_get_func_arg(ctx, 0, &object))
    count_cache(object_cache_kfunc(object), SLAB_FREE_MORE, 1);
  return 0;
}
