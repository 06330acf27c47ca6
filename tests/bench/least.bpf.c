/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The least that counts slab objects. */
#include "least.bpf.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define CACHES_BITS 9

struct kmem_cache *bpf_get_kmem_cache(u64 addr) __ksym __weak;

/* One cache line, with its key: nothing else is read. */
struct cache_line {
  u64 cache, counts[7];
};

TABLE struct cache_line cache_lines[CPUS][1 << CACHES_BITS];

static __always_inline int count_cache(u64 cache, u32 counter) {
  struct cache_line *line =
      &cache_lines[cpu_now()][hash_bits(cache, CACHES_BITS)];

  if (line->cache != cache)
    line->cache = cache;
  line->counts[counter]++;
  return 0;
}

SEC("raw_tp/kmem_cache_alloc")
int least_alloc(struct bpf_raw_tracepoint_args *ctx) {
  return ctx->args[1] ? count_cache(ctx->args[2], 0) : 0;
}

SEC("raw_tp/kmem_cache_free")
int least_free(struct bpf_raw_tracepoint_args *ctx) {
  return count_cache(ctx->args[2], 1);
}

/* A typed pointer is no number: its size tells caches apart well enough to
 * choose a line. */
static __always_inline int count_object(u64 object, u32 counter) {
  struct kmem_cache *cache = bpf_get_kmem_cache(object);

  return cache ? count_cache(cache->size, counter) : 0;
}

SEC("raw_tp/kmalloc")
int least_kmalloc(struct bpf_raw_tracepoint_args *ctx) {
  return count_object(ctx->args[1], 2);
}

SEC("raw_tp/kfree")
int least_kfree(struct bpf_raw_tracepoint_args *ctx) {
  return count_object(ctx->args[1], 3);
}
