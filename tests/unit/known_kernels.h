/* SPDX-License-Identifier: MIT */
/* Kernels as they are, in what the tables of hooks ask about. */
#ifndef BPFMEM_KNOWN_KERNELS_H
#define BPFMEM_KNOWN_KERNELS_H

#include "kernel/hook.h"

#define HAS_MAX 40

/* What a kernel has, and how often it was asked. */
struct kernel {
  struct hook_need has[HAS_MAX]; /* up to the first HOOK_NEEDS_NOTHING */
  unsigned asked;
};

#define HAS_PAGE                                                               \
  {HOOK_NEEDS_SYMBOL, "vmemmap_base"},                                         \
      {HOOK_NEEDS_SYMBOL, "page_offset_base"}, {                               \
    HOOK_NEEDS_FIELD, "page.compound_head"                                     \
  }
#define HAS_CACHE_ARGS                                                         \
  {HOOK_NEEDS_CACHE_ARG, "kmem_cache_alloc"},                                  \
      {HOOK_NEEDS_CACHE_ARG, "kmem_cache_free"}, {                             \
    HOOK_NEEDS_KFUNC, "kmem_cache_alloc"                                       \
  }
#define HAS_BULK_FREE                                                          \
  {HOOK_NEEDS_FUNCTION, "kmem_cache_free_bulk"}, {                             \
    HOOK_NEEDS_KPROBE, "kmem_cache_free_bulk"                                  \
  }
#define HAS_SLAB_KPROBES                                                       \
  {HOOK_NEEDS_KPROBE, "kmem_cache_alloc_bulk_noprof"},                         \
      {HOOK_NEEDS_KPROBE, "__kfree_rcu_sheaf"},                                \
      {HOOK_NEEDS_KPROBE, "__kmalloc_nolock_noprof"}, {                        \
    HOOK_NEEDS_KPROBE, "kfree_nolock"                                          \
  }
#define HAS_SLAB_EVENTS                                                        \
  {HOOK_NEEDS_EVENT, "kmem/kmem_cache_alloc"},                                 \
      {HOOK_NEEDS_EVENT, "kmem/kmem_cache_free"}, {                            \
    HOOK_NEEDS_EVENT, "kmem/kmalloc"                                           \
  }
#define HAS_HELPERS                                                            \
  { HOOK_NEEDS_VALUE, "bpf_func_id.BPF_FUNC_get_func_arg" }

enum { K5_10, K6_1, K6_12, K6_18_TRACEPOINTS_ONLY, K7_3, KERNELS };

static const struct kernel kernels[KERNELS] = {
    [K5_10] = {.has = {HAS_PAGE,
                       HAS_BULK_FREE,
                       {HOOK_NEEDS_TRACEPOINT, "kmem_cache_alloc_node"},
                       {HOOK_NEEDS_TRACEPOINT, "kmalloc_node"},
                       {HOOK_NEEDS_FUNCTION, "kmem_cache_free"},
                       {HOOK_NEEDS_FUNCTION, "kmem_cache_alloc_bulk"}}},
    [K6_1] = {.has = {HAS_PAGE,
                      HAS_CACHE_ARGS,
                      HAS_BULK_FREE,
                      HAS_HELPERS,
                      {HOOK_NEEDS_FUNCTION, "kmem_cache_alloc_bulk"}}},
    [K6_12] = {.has = {HAS_PAGE,
                       HAS_CACHE_ARGS,
                       HAS_BULK_FREE,
                       HAS_HELPERS,
                       HAS_SLAB_EVENTS,
                       {HOOK_NEEDS_FUNCTION, "kmem_cache_alloc_bulk_noprof"}}},
    /* A machine whose policy refuses fentry, without kprobes. */
    [K6_18_TRACEPOINTS_ONLY] =
        {.has = {HAS_PAGE,
                 HAS_CACHE_ARGS,
                 HAS_HELPERS,
                 {HOOK_NEEDS_KFUNC, "bpf_get_kmem_cache"},
                 {HOOK_NEEDS_CODE, "__kfree_rcu_sheaf"},
                 {HOOK_NEEDS_CODE, "kfree_nolock"},
                 {HOOK_NEEDS_PREEMPTION, "BPF programs"}}},
    [K7_3] = {.has = {HAS_CACHE_ARGS,
                      HAS_BULK_FREE,
                      HAS_HELPERS,
                      {HOOK_NEEDS_FUNCTION, "kmem_cache_alloc_bulk_noprof"},
                      {HOOK_NEEDS_FUNCTION, "__kfree_rcu_sheaf"},
                      {HOOK_NEEDS_FUNCTION, "__kmalloc_nolock_noprof"},
                      {HOOK_NEEDS_FUNCTION, "kfree_nolock"},
                      HAS_SLAB_EVENTS,
                      HAS_SLAB_KPROBES,
                      {HOOK_NEEDS_KFUNC, "bpf_get_kmem_cache"},
                      {HOOK_NEEDS_FPROBE, "kmem_cache_free"},
                      {HOOK_NEEDS_PREEMPTION_AT, "raw tracepoints"},
                      {HOOK_NEEDS_PREEMPTION, "BPF programs"}}},
};

#endif
