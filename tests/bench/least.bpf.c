/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The least that counts, by tracepoint. */
#include "least.bpf.h"

#include <bpf/bpf_tracing.h>

#include "pagefault/pagecache.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define CACHES_BITS 9
#define THREADS_BITS 14

struct kmem_cache *bpf_get_kmem_cache(u64 addr) __ksym __weak;

/* One cache line, with its key: nothing else is read. */
struct cache_line {
  u64 cache, counts[7];
};
struct thread_place {
  u64 file, fault;
};

TABLE struct cache_line cache_lines[CPUS][1 << CACHES_BITS];
TABLE struct thread_place thread_places[1 << THREADS_BITS];

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

static __always_inline struct thread_place *thread_place(u64 thread) {
  return &thread_places[(thread * 40503) & ((1 << THREADS_BITS) - 1)];
}

/* A fault may come here twice, as both tracepoints may see it, and is then
 * known by its thread and by how many that thread has had. */
static __always_inline int count_once(struct address_space *mapping) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  u64 cpu = cpu_now(), file;
  struct file_line *line = find_file(cpu, mapping->host, &file);
  u64 thread = (u32)task->pid, fault = task->min_flt + task->maj_flt;
  struct thread_place *place = thread_place(thread);

  file |= thread << 32;
  if (place->file == file && place->fault == fault)
    return 0;
  place->file = file;
  place->fault = fault;
  return count_fault(line, false);
}

SEC("tp_btf/mm_filemap_map_pages")
int BPF_PROG(least_map, struct address_space *mapping) {
  return count_once(mapping);
}

/* Minor only if the page is there. */
SEC("tp_btf/mm_filemap_fault")
int BPF_PROG(least_fault, struct address_space *mapping, unsigned long index) {
  return page_state(mapping, index) == PAGE_READY ? count_once(mapping) : 0;
}

/* The kernel has just counted it. */
SEC("perf_event")
int least_major(void *ctx) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  u64 thread = (u32)task->pid, fault = task->min_flt + task->maj_flt - 1;
  struct thread_place *place = thread_place(thread);

  if (place->file >> 32 != thread || place->fault != fault)
    return 0;
  return count_fault(file_line(cpu_now(), place->file % (1 << FILES_BITS)),
                     true);
}
