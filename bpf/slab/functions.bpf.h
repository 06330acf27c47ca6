/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Entry points without a tracepoint, by fentry and fexit. Their counters are
 * the shared ones. */
#ifndef BPFMEM_SLAB_FUNCTIONS_BPF_H
#define BPFMEM_SLAB_FUNCTIONS_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "slab/again.bpf.h"
#include "slab/counts.bpf.h"
#include "slab/object.bpf.h"

#define FUNCTION(section, program, object, handler, counter)                   \
  COPIES(section, u64, program, object, handler, counter, counter)

/* What `void **` and `const void *` arguments are, which the verifier reads
 * from the context on no kernel or new ones only. bpf_get_func_arg(): 5.17. */
static __always_inline u64 func_arg(u64 *ctx, u32 index) {
  u64 value = 0;

  return bpf_get_func_arg(ctx, index, &value) ? 0 : value;
}

/* Whatever the number of arguments is. */
static __always_inline u64 func_ret(u64 *ctx) {
  u64 value = 0;

  return bpf_get_func_ret(ctx, &value) ? 0 : value;
}

/* kmem_cache_free(cache, object): up to 6.0 the tracepoint comes when the
 * object is gone, and its page may be, too, of which the cache would be asked.
 */
static __always_inline void on_cache_free(u64 *ctx, enum slab_counter counter) {
  count(pointer_number((void *)ctx[0]), counter, 1);
}

FUNCTION("fentry/kmem_cache_free", free_entry, ctx[1], on_cache_free,
         SLAB_FREE_MORE)

/* kmem_cache_alloc_bulk(cache, flags, size, objects) is all or nothing. It
 * returns an int, 0 or size; from 7.2 on a bool, of which only the lower byte
 * counts. */
static __always_inline bool bulk_is_done(u32 result, u64 size) {
  return size && (result == size || (u8)result == 1);
}

static __always_inline void on_bulk_alloc(u64 *ctx, enum slab_counter counter) {
  u64 size = ctx[2];

  if (bulk_is_done(ctx[4], size))
    count(pointer_number((void *)ctx[0]), counter, size);
}

FUNCTION("fexit/kmem_cache_alloc_bulk", bulk_alloc, ctx[2], on_bulk_alloc,
         SLAB_ALLOC_MORE)

/* kmem_cache_free_bulk(cache, size, objects); with no cache it frees objects of
 * any caches (kfree_bulk, kvfree_rcu). */
static __always_inline u64 object_at(u64 objects, u32 index) {
  return read_u64((void *)(objects + index * sizeof(u64)));
}

static __always_inline void on_bulk_free(u64 *ctx, enum slab_counter counter,
                                         long (*free_object)(u32, u64 *)) {
  struct kmem_cache *cache = (void *)ctx[0];
  u64 size = ctx[1], objects = func_arg(ctx, 2);

  if (cache)
    count(pointer_number(cache), counter, size);
  else
    bpf_loop(size, free_object, &objects, 0);
}

/* __kfree_rcu_sheaf(cache, object): true when it took the object, which then is
 * freed without a tracepoint (6.18, ec66e0d59952). */
static __always_inline void on_sheaf_free(u64 *ctx, enum slab_counter counter) {
  if ((u8)func_ret(ctx))
    count(pointer_number((void *)ctx[0]), counter, 1);
}

FUNCTION("fexit/__kfree_rcu_sheaf", rcu_sheaf_free, func_arg(ctx, 1),
         on_sheaf_free, SLAB_FREE_MORE)

#ifndef SLAB_PAGE_ONLY
static __noinline long free_object_kfunc(u32 index, u64 *objects) {
  count_cache(object_cache_kfunc(object_at(*objects, index)), SLAB_FREE_MORE,
              1);
  return 0;
}

static __always_inline void on_bfree_kfunc(u64 *ctx,
                                           enum slab_counter counter) {
  on_bulk_free(ctx, counter, free_object_kfunc);
}

FUNCTION("fentry/kmem_cache_free_bulk", bfree_kfunc, func_arg(ctx, 2),
         on_bfree_kfunc, SLAB_FREE_MORE)

/* kmalloc_nolock(), kfree_nolock(): no tracepoint (6.18, af92793e52c3). */
static __always_inline void on_nolock_alloc(u64 *ctx,
                                            enum slab_counter counter) {
  count_cache(object_cache_kfunc(func_ret(ctx)), counter, 1);
}

static __always_inline void on_nolock_free(u64 *ctx,
                                           enum slab_counter counter) {
  count_cache(object_cache_kfunc(func_arg(ctx, 0)), counter, 1);
}

FUNCTION("fexit/kmalloc_nolock_noprof", nolock_alloc, func_ret(ctx),
         on_nolock_alloc, SLAB_ALLOC_MORE)
FUNCTION("fentry/kfree_nolock", nolock_free, func_arg(ctx, 0), on_nolock_free,
         SLAB_FREE_MORE)
#else
static __noinline long free_object_page(u32 index, u64 *objects) {
  count_cache(object_cache_page(object_at(*objects, index)), SLAB_FREE_MORE, 1);
  return 0;
}

static __always_inline void on_bfree_page(u64 *ctx, enum slab_counter counter) {
  on_bulk_free(ctx, counter, free_object_page);
}

FUNCTION("fentry/kmem_cache_free_bulk", bfree_page, func_arg(ctx, 2),
         on_bfree_page, SLAB_FREE_MORE)
#endif

#endif
