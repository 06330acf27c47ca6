/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts slab objects allocated and freed, per kernel cache.
 *
 * The kmem tracepoints see one object at a time. Bulk and deferred entry points
 * bypass them, so programs are at their functions. plugin/slab/hooks.c says
 * which programs run on a kernel, and at what. */
#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "slab/api.h"
#include "slab/caches.bpf.h"
#include "slab/object.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Events of a cache without a line are counted out of line, so that the
 * programs need few registers: they would have to save each. */
static __always_inline int event_count(u32 cpu, u64 cache, u64 object,
                                       enum slab_counter counter) {
  if (line_count(cpu, cache, counter, 1))
    return 0;
  return cache_count(cache, object, slab_counter_event(counter), 1);
}

/* The same where only the object is known. Nobody asks for the cache of an
 * object that is freed. */
static __always_inline int bare_count(u64 object, enum slab_counter counter) {
  bool is_alloc = slab_counter_event(counter) == SLAB_ALLOC;
  u64 cache = object_cache(object);

  return cache ? event_count(bpf_get_smp_processor_id(), cache,
                             is_alloc ? object : 0, counter)
               : 0;
}

/* Called first, so that the program has no registers to save for the call. */
static __always_inline u32 cpu_first(void) {
  u32 cpu = bpf_get_smp_processor_id();

  barrier_var(cpu);
  return cpu;
}

/* --- Raw tracepoints --------------------------------------------------------
 * They are not tp_btf: up to 6.12 the verifier refuses to read a `const void *`
 * argument there. */

/* Since 6.1 (11e9734bcb6a): call_site, ptr, cache. No object if it failed. */
SEC("raw_tp/kmem_cache_alloc")
int slab_alloc_tp(struct bpf_raw_tracepoint_args *ctx) {
  u32 cpu = cpu_first();
  u64 object = ctx->args[1];

  return object ? event_count(cpu, ctx->args[2], object, SLAB_COUNTER_ALLOC)
                : 0;
}

/* Since 6.1 (2c1d697fb8ba): the same. */
SEC("raw_tp/kmem_cache_free")
int slab_free_tp(struct bpf_raw_tracepoint_args *ctx) {
  return event_count(cpu_first(), ctx->args[2], 0, SLAB_COUNTER_FREE);
}

/* kmalloc and kfree: call_site, ptr. Large objects (pages) are no slab objects.
 * Before 6.1 kmem_cache_alloc, kmem_cache_alloc_node, kmalloc_node and
 * kmem_cache_free have the same arguments, and these programs are attached to
 * them, too. */
SEC("raw_tp/kmalloc")
int slab_kmalloc_tp(struct bpf_raw_tracepoint_args *ctx) {
  return bare_count(ctx->args[1], SLAB_COUNTER_KMALLOC);
}

SEC("raw_tp/kfree")
int slab_kfree_tp(struct bpf_raw_tracepoint_args *ctx) {
  return bare_count(ctx->args[1], SLAB_COUNTER_KFREE);
}

#ifndef SLAB_PAGE_ONLY
/* --- Classic tracepoints ----------------------------------------------------
 * From 7.2 on (f7d327654b88) a task may be preempted in a program at a raw
 * tracepoint. The kernel then skips that program on the CPU until the task runs
 * again. perf calls a program at a classic one with preemption off
 * (16718274ee75). All such programs of a CPU share one guard, so plain adds to
 * their counters are safe. */

/* The record's head is the same for kmem_cache_alloc, kmem_cache_free, kmalloc
 * and kfree; `common` is trace_entry. */
struct slab_record {
  u64 common, call_site, object;
};

SEC("tp")
int slab_alloc_classic(struct slab_record *ctx) {
  return bare_count(ctx->object, SLAB_COUNTER_ALLOC);
}

/* kmem_cache_free(cache, object) raises kmem_cache_free. Here the program has
 * the cache at hand, and takes half of the instructions. An fprobe, too, is
 * called with preemption off, and has the same guard. */
SEC("kprobe.multi")
int BPF_KPROBE(slab_free_fprobe, u64 cache) {
  return event_count(cpu_first(), cache, 0, SLAB_COUNTER_FREE);
}

SEC("tp")
int slab_free_classic(struct slab_record *ctx) {
  return bare_count(ctx->object, SLAB_COUNTER_FREE);
}
#endif

/* --- Functions --------------------------------------------------------------
 * Several programs count the same events, in the shared counters. */

__noinline int count_more(u64 cache, u32 event, u64 n) {
  u32 cpu = cpu_first();
  bool done;

  if (!cache || !n)
    return 0;
  if (event == SLAB_ALLOC)
    done = line_count(cpu, cache, SLAB_COUNTER_ALLOC_MORE, n);
  else
    done = line_count(cpu, cache, SLAB_COUNTER_FREE_MORE, n);
  return done ? 0 : cache_count(cache, 0, event, n);
}

/* kmem_cache_alloc_bulk(cache, flags, size, objects) makes all objects or none.
 * It returns an int, 0 or size. From 7.2 on it returns a bool, of which only
 * the lower byte counts. */
static __always_inline int bulk_alloc(u64 cache, u64 size, u32 result) {
  bool done = size && (result == size || (u8)result == 1);

  return done ? count_more(cache, SLAB_ALLOC, size) : 0;
}

#ifndef SLAB_PAGE_ONLY
static __noinline long bulk_free_object(u32 index, u64 *objects) {
  u64 object = read_u64((void *)(*objects + index * sizeof(u64)));

  count_more(object_cache(object), SLAB_FREE, 1);
  return 0;
}

static __always_inline void bulk_free_by_loop(u64 size, u64 objects) {
  bpf_loop(size, bulk_free_object, &objects, 0);
}

#define BULK_FREE_OBJECTS bulk_free_by_loop
#else
/* kvfree_rcu calls kfree_bulk() with at most 500 objects (a page of pointers:
 * KVFREE_BULK_MAX_ENTR). 5.10 has no bpf_loop(). */
#define BULK_MAX 512

static __always_inline void bulk_free_bounded(u64 size, u64 objects) {
  for (u32 i = 0; i < BULK_MAX && i < size; i++) {
    u64 object = read_u64((void *)(objects + i * sizeof(u64)));

    count_more(object_cache(object), SLAB_FREE, 1);
  }
  if (size > BULK_MAX)
    atomic_add(&slab_stats.dropped, size - BULK_MAX);
}

#define BULK_FREE_OBJECTS bulk_free_bounded
#endif

/* kmem_cache_free_bulk(cache, size, objects); with no cache it frees objects of
 * any caches (kfree_bulk, kvfree_rcu). */
static __always_inline int bulk_free(u64 cache, u64 size, u64 objects) {
  if (cache)
    return count_more(cache, SLAB_FREE, size);
  BULK_FREE_OBJECTS(size, objects);
  return 0;
}

/* By fentry and fexit. The verifier lets a program read `void **` and `const
 * void *` arguments from the context on new kernels only, or on none.
 * bpf_get_func_arg(): 5.17. */
static __always_inline u64 func_arg(u64 *ctx, u32 index) {
  u64 value = 0;

  return bpf_get_func_arg(ctx, index, &value) ? 0 : value;
}

SEC("fexit")
int slab_balloc_fexit(u64 *ctx) {
  return bulk_alloc(pointer_number((void *)ctx[0]), ctx[2], ctx[4]);
}

SEC("fentry/kmem_cache_free_bulk")
int slab_bfree_fentry(u64 *ctx) {
  return bulk_free(ctx[0] ? pointer_number((void *)ctx[0]) : 0, ctx[1],
                   func_arg(ctx, 2));
}

/* By kprobe: the arguments of a call, kept for its return. The key is the stack
 * pointer at entry. No two calls in progress share it, be they of other tasks
 * or interrupts. */
struct slab_call {
  u64 cache, size;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, u64);
  __type(value, struct slab_call);
} slab_calls SEC(".maps");

/* For both functions. One has a size as its third argument; the return of the
 * other does not use it. */
SEC("kprobe")
int BPF_KPROBE(slab_call_kprobe, u64 cache, u64 flags, u64 size) {
  const struct slab_call call = {cache, size};
  u64 stack = PT_REGS_SP(ctx);

  if (!bpf_map_update_elem(&slab_calls, &stack, &call, BPF_ANY))
    atomic_add(&slab_stats.kept, 1);
  return 0;
}

/* At the return on x86, the return address is gone from the stack. */
static __always_inline bool call_take(struct pt_regs *ctx,
                                      struct slab_call *ret_call) {
#if defined(__TARGET_ARCH_x86)
  u64 stack = PT_REGS_SP(ctx) - sizeof(u64);
#else
  u64 stack = PT_REGS_SP(ctx);
#endif
  struct slab_call *call = bpf_map_lookup_elem(&slab_calls, &stack);

  if (!call) {
    atomic_add(&slab_stats.unkept, 1);
    return false;
  }
  *ret_call = *call;
  bpf_map_delete_elem(&slab_calls, &stack);
  atomic_add(&slab_stats.taken, 1);
  return true;
}

SEC("kretprobe")
int BPF_KRETPROBE(slab_balloc_return, u64 result) {
  struct slab_call call;

  return call_take(ctx, &call) ? bulk_alloc(call.cache, call.size, result) : 0;
}

SEC("kprobe")
int BPF_KPROBE(slab_bfree_kprobe, u64 cache, u64 size, u64 objects) {
  return bulk_free(cache, size, objects);
}

/* __kfree_rcu_sheaf(cache, object) returns true when it took the object. That
 * object is then freed without a tracepoint (6.18, ec66e0d59952). */
SEC("kretprobe")
int BPF_KRETPROBE(slab_sheaf_return, u64 taken) {
  struct slab_call call;

  return call_take(ctx, &call) && (u8)taken
             ? count_more(call.cache, SLAB_FREE, 1)
             : 0;
}

#ifndef SLAB_PAGE_ONLY
SEC("fexit/__kfree_rcu_sheaf")
int slab_sheaf_fexit(u64 *ctx) {
  u64 taken = 0;

  bpf_get_func_ret(ctx, &taken);
  return (u8)taken ? count_more(pointer_number((void *)ctx[0]), SLAB_FREE, 1)
                   : 0;
}

/* kmalloc_nolock() and kfree_nolock() have no tracepoint (6.18, af92793e52c3).
 */
SEC("fexit")
int slab_nlalloc_fexit(u64 *ctx) {
  u64 object = 0;

  bpf_get_func_ret(ctx, &object);
  return count_more(object_cache(object), SLAB_ALLOC, 1);
}

SEC("fentry/kfree_nolock")
int slab_nlfree_fentry(u64 *ctx) {
  return count_more(object_cache(func_arg(ctx, 0)), SLAB_FREE, 1);
}

SEC("kretprobe")
int BPF_KRETPROBE(slab_nlalloc_return, u64 object) {
  return count_more(object_cache(object), SLAB_ALLOC, 1);
}

SEC("kprobe")
int BPF_KPROBE(slab_nlfree_kprobe, u64 object) {
  return count_more(object_cache(object), SLAB_FREE, 1);
}
#else
/* kmem_cache_free(cache, object). Up to 6.0 the tracepoint comes when the
 * object is gone. Its page, which tells the cache, may be gone, too. */
SEC("fentry/kmem_cache_free")
int slab_free_fentry(u64 *ctx) {
  return count_more(pointer_number((void *)ctx[0]), SLAB_FREE, 1);
}

SEC("kprobe")
int BPF_KPROBE(slab_free_kprobe, u64 cache) {
  return count_more(cache, SLAB_FREE, 1);
}
#endif
