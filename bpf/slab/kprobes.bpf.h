/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The same entry points by kprobe and kretprobe. */
#ifndef BPFMEM_SLAB_KPROBES_BPF_H
#define BPFMEM_SLAB_KPROBES_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "slab/counts.bpf.h"
#include "slab/functions.bpf.h"

/* Arguments of a call, for its return. The key is the stack pointer at entry,
 * which no two calls in progress share, be they of other tasks or interrupts.
 */
struct slab_call {
  u64 cache, count;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, u64);
  __type(value, struct slab_call);
} slab_calls SEC(".maps");

static __always_inline void call_keep(struct pt_regs *ctx, u64 cache,
                                      u64 count) {
  const struct slab_call call = {cache, count};
  u64 stack = PT_REGS_SP(ctx);

  bpf_map_update_elem(&slab_calls, &stack, &call, BPF_ANY);
}

/* At return the return address is gone from the stack, on x86. */
static __always_inline bool call_take(struct pt_regs *ctx,
                                      struct slab_call *ret_call) {
#if defined(__TARGET_ARCH_x86)
  u64 stack = PT_REGS_SP(ctx) - sizeof(u64);
#else
  u64 stack = PT_REGS_SP(ctx);
#endif
  struct slab_call *call = bpf_map_lookup_elem(&slab_calls, &stack);

  if (!call) {
    __sync_fetch_and_add(&slab_stats.stash_lost, 1);
    return false;
  }
  *ret_call = *call;
  bpf_map_delete_elem(&slab_calls, &stack);
  return true;
}

SEC("kprobe")
int BPF_KPROBE(slab_free_kprobe, u64 cache) {
  count(cache, SLAB_FREE_MORE, 1);
  return 0;
}

SEC("kprobe")
int BPF_KPROBE(slab_bulk_entry, u64 cache, u64 flags, u64 size) {
  call_keep(ctx, cache, size);
  return 0;
}

SEC("kretprobe")
int BPF_KRETPROBE(slab_bulk_return, u64 result) {
  struct slab_call call;

  if (call_take(ctx, &call) && bulk_is_done(result, call.count))
    count(call.cache, SLAB_ALLOC_MORE, call.count);
  return 0;
}

SEC("kprobe")
int BPF_KPROBE(slab_sheaf_entry, u64 cache) {
  call_keep(ctx, cache, 1);
  return 0;
}

SEC("kretprobe")
int BPF_KRETPROBE(slab_sheaf_return, u64 taken) {
  struct slab_call call;

  if (call_take(ctx, &call) && (u8)taken)
    count(call.cache, SLAB_FREE_MORE, 1);
  return 0;
}

#ifndef SLAB_PAGE_ONLY
SEC("kprobe")
int BPF_KPROBE(slab_bfree_kp_kfunc, u64 cache, u64 size, u64 objects) {
  if (cache)
    count(cache, SLAB_FREE_MORE, size);
  else
    bpf_loop(size, free_object_kfunc, &objects, 0);
  return 0;
}

SEC("kretprobe")
int BPF_KRETPROBE(slab_nlalloc_return, u64 object) {
  count_cache(object_cache_kfunc(object), SLAB_ALLOC_MORE, 1);
  return 0;
}

SEC("kprobe")
int BPF_KPROBE(slab_nlfree_entry, u64 object) {
  count_cache(object_cache_kfunc(object), SLAB_FREE_MORE, 1);
  return 0;
}
#else
/* With no cache, kfree_bulk() comes from kvfree_rcu with at most 500 objects (a
 * page of pointers: KVFREE_BULK_MAX_ENTR). */
#define KPROBE_BULK_MAX 512

/* 5.10 has no bpf_loop(). */
SEC("kprobe")
int BPF_KPROBE(slab_bfree_kprobe, u64 cache, u64 size, u64 objects) {
  if (cache) {
    count(cache, SLAB_FREE_MORE, size);
    return 0;
  }
  for (u32 i = 0; i < KPROBE_BULK_MAX && i < size; i++)
    free_object_page(i, &objects);
  return 0;
}
#endif

#endif
