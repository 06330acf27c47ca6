// SPDX-License-Identifier: MIT
/* The entry points of the slab allocator and how each is hooked. */
#include "slab/hooks.h"

#define TRACEPOINT SETTINGS_HOOKS_TRACEPOINT
#define FEXIT SETTINGS_HOOKS_FEXIT
#define KPROBE SETTINGS_HOOKS_KPROBE
#define KFUNC "bpf_get_kmem_cache"
#define BULK_FREE "kmem_cache_free_bulk"

/* How the cache of a bare object is found before the kfunc; see
 * bpf/slab/object.bpf.h. From 7.1 on the page is laid out otherwise. */
#define NEEDS_PAGE                                                             \
  {HOOK_NEEDS_SYMBOL, "vmemmap_base"},                                         \
      {HOOK_NEEDS_SYMBOL, "page_offset_base"}, {                               \
    HOOK_NEEDS_FIELD, "page.compound_head"                                     \
  }

static const struct hook_candidate alloc[] = {
    {.kind = TRACEPOINT,
     .programs = {"slab_alloc_tp"},
     .needs = {{HOOK_NEEDS_CACHE_ARG, "kmem_cache_alloc"}}},
    {.kind = TRACEPOINT,
     .programs = {"slab_alloc_page", "slab_alloc_node_page"},
     .needs = {{HOOK_NEEDS_TRACEPOINT, "kmem_cache_alloc_node"}, NEEDS_PAGE}},
};
static const struct hook_candidate release[] = {
    {.kind = TRACEPOINT,
     .programs = {"slab_free_tp"},
     .needs = {{HOOK_NEEDS_CACHE_ARG, "kmem_cache_free"}}},
    {.kind = FEXIT,
     .programs = {"slab_free_entry"},
     .needs = {{HOOK_NEEDS_FUNCTION, "kmem_cache_free"}}},
    {.kind = SETTINGS_HOOKS_KPROBE,
     .programs = {"slab_free_kprobe"},
     .target = "kmem_cache_free",
     .needs = {{HOOK_NEEDS_KPROBE, "kmem_cache_free"}}},
    {.kind = TRACEPOINT,
     .programs = {"slab_free_page"},
     .in_part = true,
     .needs = {NEEDS_PAGE}},
};
static const struct hook_candidate kmalloc[] = {
    {.kind = TRACEPOINT,
     .programs = {"slab_kmalloc_kfunc", "slab_kfree_kfunc"},
     .needs = {{HOOK_NEEDS_KFUNC, KFUNC}}},
    {.kind = TRACEPOINT,
     .programs = {"slab_kmalloc_page", "slab_kfree_page",
                  "slab_kmalloc_node_page"},
     .needs = {{HOOK_NEEDS_TRACEPOINT, "kmalloc_node"}, NEEDS_PAGE}},
    {.kind = TRACEPOINT,
     .programs = {"slab_kmalloc_page", "slab_kfree_page"},
     .needs = {NEEDS_PAGE}},
};
/* Renamed by memory allocation profiling: 6.10, 7bd230a26648. */
static const struct hook_candidate bulk_alloc[] = {
    {.kind = FEXIT,
     .programs = {"slab_bulk_alloc"},
     .target = "kmem_cache_alloc_bulk_noprof",
     .needs = {{HOOK_NEEDS_FUNCTION, "kmem_cache_alloc_bulk_noprof"}}},
    {.kind = FEXIT,
     .programs = {"slab_bulk_alloc"},
     .target = "kmem_cache_alloc_bulk",
     .needs = {{HOOK_NEEDS_FUNCTION, "kmem_cache_alloc_bulk"}}},
    {.kind = KPROBE,
     .programs = {"slab_bulk_entry", "slab_bulk_return"},
     .target = "kmem_cache_alloc_bulk_noprof",
     .needs = {{HOOK_NEEDS_KPROBE, "kmem_cache_alloc_bulk_noprof"}}},
    {.kind = KPROBE,
     .programs = {"slab_bulk_entry", "slab_bulk_return"},
     .target = "kmem_cache_alloc_bulk",
     .needs = {{HOOK_NEEDS_KPROBE, "kmem_cache_alloc_bulk"}}},
};
static const struct hook_candidate bulk_free[] = {
    {.kind = FEXIT,
     .programs = {"slab_bfree_kfunc"},
     .needs = {{HOOK_NEEDS_FUNCTION, BULK_FREE}, {HOOK_NEEDS_KFUNC, KFUNC}}},
    {.kind = FEXIT,
     .programs = {"slab_bfree_page"},
     .needs = {{HOOK_NEEDS_FUNCTION, BULK_FREE},
               {HOOK_NEEDS_HELPER, "BPF_FUNC_get_func_arg"},
               NEEDS_PAGE}},
    {.kind = KPROBE,
     .programs = {"slab_bfree_kp_kfunc"},
     .target = BULK_FREE,
     .needs = {{HOOK_NEEDS_KPROBE, BULK_FREE}, {HOOK_NEEDS_KFUNC, KFUNC}}},
    {.kind = KPROBE,
     .programs = {"slab_bfree_kprobe"},
     .target = BULK_FREE,
     .needs = {{HOOK_NEEDS_KPROBE, BULK_FREE}, NEEDS_PAGE}},
};
static const struct hook_candidate rcu_sheaf[] = {
    {.kind = FEXIT,
     .programs = {"slab_rcu_sheaf_free"},
     .needs = {{HOOK_NEEDS_FUNCTION, "__kfree_rcu_sheaf"}}},
    {.kind = KPROBE,
     .programs = {"slab_sheaf_entry", "slab_sheaf_return"},
     .target = "__kfree_rcu_sheaf",
     .needs = {{HOOK_NEEDS_KPROBE, "__kfree_rcu_sheaf"}}},
};
static const struct hook_candidate nolock_alloc[] = {
    {.kind = FEXIT,
     .programs = {"slab_nolock_alloc"},
     .target = "kmalloc_nolock_noprof",
     .needs = {{HOOK_NEEDS_FUNCTION, "kmalloc_nolock_noprof"},
               {HOOK_NEEDS_KFUNC, KFUNC}}},
    {.kind = FEXIT, /* renamed in 7.2 */
     .programs = {"slab_nolock_alloc"},
     .target = "__kmalloc_nolock_noprof",
     .needs = {{HOOK_NEEDS_FUNCTION, "__kmalloc_nolock_noprof"},
               {HOOK_NEEDS_KFUNC, KFUNC}}},
    {.kind = KPROBE,
     .programs = {"slab_nlalloc_return"},
     .target = "kmalloc_nolock_noprof",
     .needs = {{HOOK_NEEDS_KPROBE, "kmalloc_nolock_noprof"},
               {HOOK_NEEDS_KFUNC, KFUNC}}},
    {.kind = KPROBE,
     .programs = {"slab_nlalloc_return"},
     .target = "__kmalloc_nolock_noprof",
     .needs = {{HOOK_NEEDS_KPROBE, "__kmalloc_nolock_noprof"},
               {HOOK_NEEDS_KFUNC, KFUNC}}},
};
static const struct hook_candidate nolock_free[] = {
    {.kind = FEXIT,
     .programs = {"slab_nolock_free"},
     .needs = {{HOOK_NEEDS_FUNCTION, "kfree_nolock"},
               {HOOK_NEEDS_KFUNC, KFUNC}}},
    {.kind = KPROBE,
     .programs = {"slab_nlfree_entry"},
     .target = "kfree_nolock",
     .needs = {{HOOK_NEEDS_KPROBE, "kfree_nolock"}, {HOOK_NEEDS_KFUNC, KFUNC}}},
};

#define CANDIDATES(list)                                                       \
  .count = sizeof(list) / sizeof((list)[0]), .candidates = (list)

const struct hook_event slab_hooks[SLAB_HOOK_COUNT] = {
    [SLAB_HOOK_ALLOC] = {.name = "kmem_cache_alloc",
                         .always_tracepoint = true,
                         CANDIDATES(alloc)},
    [SLAB_HOOK_FREE] = {.name = "kmem_cache_free",
                        .always_tracepoint = true,
                        CANDIDATES(release)},
    [SLAB_HOOK_KMALLOC] = {.name = "kmalloc and kfree",
                           .always_tracepoint = true,
                           CANDIDATES(kmalloc)},
    [SLAB_HOOK_BULK_ALLOC] = {.name = "bulk alloc", CANDIDATES(bulk_alloc)},
    [SLAB_HOOK_BULK_FREE] = {.name = "bulk free", CANDIDATES(bulk_free)},
    [SLAB_HOOK_RCU_SHEAF] = {.name = "kfree_rcu by sheaf",
                             .functions = {"__kfree_rcu_sheaf"},
                             CANDIDATES(rcu_sheaf)},
    [SLAB_HOOK_NOLOCK_ALLOC] = {.name = "kmalloc_nolock",
                                .functions = {"kmalloc_nolock_noprof",
                                              "__kmalloc_nolock_noprof"},
                                CANDIDATES(nolock_alloc)},
    [SLAB_HOOK_NOLOCK_FREE] = {.name = "kfree_nolock",
                               .functions = {"kfree_nolock"},
                               CANDIDATES(nolock_free)},
};
