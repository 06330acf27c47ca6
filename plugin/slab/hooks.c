// SPDX-License-Identifier: MIT
/* The entry points of the slab allocator and how each is hooked. */
#include "slab/hooks.h"

#include <errno.h>

#define TRACEPOINT SETTINGS_HOOKS_TRACEPOINT
#define FEXIT SETTINGS_HOOKS_FEXIT
#define KPROBE SETTINGS_HOOKS_KPROBE
#define KFUNC "bpf_get_kmem_cache"
#define BULK_ALLOC "kmem_cache_alloc_bulk"
/* Renamed by memory allocation profiling: 6.10, 7bd230a26648. */
#define BULK_ALLOC_NEW "kmem_cache_alloc_bulk_noprof"
#define BULK_FREE "kmem_cache_free_bulk"
#define SHEAF "__kfree_rcu_sheaf"
#define NOLOCK_ALLOC "kmalloc_nolock_noprof"
#define NOLOCK_ALLOC_NEW "__kmalloc_nolock_noprof" /* 7.2 */
#define NOLOCK_FREE "kfree_nolock"

/* What finds the cache of a bare object without the kfunc; see object.bpf.h.
 * From 7.1 on the page is laid out otherwise. Programs with the page and
 * programs with the kfunc are in different BPF objects. */
#define NEEDS_PAGE                                                             \
  {HOOK_NEEDS_SYMBOL, "vmemmap_base"},                                         \
      {HOOK_NEEDS_SYMBOL, "page_offset_base"}, {                               \
    HOOK_NEEDS_FIELD, "page.compound_head"                                     \
  }

/* If a task may be preempted in a program, BPF's recursion guard makes the
 * kernel skip that program on the CPU until the task runs again. On such
 * kernels, programs that are not preempted come first. Programs at raw
 * tracepoints can be preempted from 7.2 on (f7d327654b88), those by fentry and
 * fexit on each preemptible kernel. */
#define NEEDS_PREEMPTION                                                       \
  { HOOK_NEEDS_PREEMPTION, "BPF programs" }
#define NEEDS_CLASSIC(event)                                                   \
  {HOOK_NEEDS_PREEMPTION_AT, "raw tracepoints"}, {HOOK_NEEDS_KFUNC, KFUNC}, {  \
    HOOK_NEEDS_EVENT, event                                                    \
  }

static const struct hook_candidate alloc[] = {
    {.kind = TRACEPOINT,
     .programs = {"slab_alloc_classic"},
     .targets = {"kmem/kmem_cache_alloc"},
     .needs = {NEEDS_CLASSIC("kmem/kmem_cache_alloc")}},
    {.kind = TRACEPOINT,
     .programs = {"slab_alloc_tp"},
     .needs = {{HOOK_NEEDS_CACHE_ARG, "kmem_cache_alloc"}}},
    {.kind = TRACEPOINT,
     .programs = {"slab_kmalloc_tp", "slab_kmalloc_tp"},
     .targets = {"kmem_cache_alloc", "kmem_cache_alloc_node"},
     .needs = {{HOOK_NEEDS_TRACEPOINT, "kmem_cache_alloc_node"}, NEEDS_PAGE}},
};
static const struct hook_candidate release[] = {
    {.kind = KPROBE,
     .programs = {"slab_free_fprobe"},
     .targets = {"kmem_cache_free"},
     .needs = {{HOOK_NEEDS_PREEMPTION_AT, "raw tracepoints"},
               {HOOK_NEEDS_KFUNC, KFUNC},
               {HOOK_NEEDS_FPROBE, "kmem_cache_free"}}},
    {.kind = TRACEPOINT,
     .programs = {"slab_free_classic"},
     .targets = {"kmem/kmem_cache_free"},
     .needs = {NEEDS_CLASSIC("kmem/kmem_cache_free")}},
    {.kind = TRACEPOINT,
     .programs = {"slab_free_tp"},
     .needs = {{HOOK_NEEDS_CACHE_ARG, "kmem_cache_free"}}},
    {.kind = FEXIT,
     .programs = {"slab_free_fentry"},
     .needs = {{HOOK_NEEDS_FUNCTION, "kmem_cache_free"}, NEEDS_PAGE}},
    {.kind = KPROBE,
     .programs = {"slab_free_kprobe"},
     .targets = {"kmem_cache_free"},
     .needs = {{HOOK_NEEDS_KPROBE, "kmem_cache_free"}, NEEDS_PAGE}},
    {.kind = TRACEPOINT,
     .programs = {"slab_kfree_tp"},
     .targets = {"kmem_cache_free"},
     .in_part = true,
     .needs = {NEEDS_PAGE}},
};
static const struct hook_candidate kmalloc[] = {
    {.kind = TRACEPOINT,
     .programs = {"slab_alloc_classic", "slab_free_classic"},
     .targets = {"kmem/kmalloc", "kmem/kfree"},
     .needs = {NEEDS_CLASSIC("kmem/kmalloc")}},
    {.kind = TRACEPOINT,
     .programs = {"slab_kmalloc_tp", "slab_kfree_tp"},
     .needs = {{HOOK_NEEDS_KFUNC, KFUNC}}},
    {.kind = TRACEPOINT,
     .programs = {"slab_kmalloc_tp", "slab_kfree_tp", "slab_kmalloc_tp"},
     .targets = {NULL, NULL, "kmalloc_node"},
     .needs = {{HOOK_NEEDS_TRACEPOINT, "kmalloc_node"}, NEEDS_PAGE}},
    {.kind = TRACEPOINT,
     .programs = {"slab_kmalloc_tp", "slab_kfree_tp"},
     .needs = {NEEDS_PAGE}},
};

#define BULK_ALLOC_FEXIT(function)                                             \
  {                                                                            \
    .kind = FEXIT, .programs = {"slab_balloc_fexit"}, .targets = {function},   \
    .needs = {                                                                 \
      {HOOK_NEEDS_FUNCTION, function}                                          \
    }                                                                          \
  }
/* `first` is a need besides those of kprobes. */
#define CALL_KPROBE(at_return, function, ...)                                  \
  {                                                                            \
    .kind = KPROBE, .programs = {"slab_call_kprobe", at_return},               \
    .targets = {function, function}, .needs = {                                \
      {HOOK_NEEDS_KPROBE, function},                                           \
      ##__VA_ARGS__                                                            \
    }                                                                          \
  }
#define BULK_ALLOC_KPROBE(function, ...)                                       \
  CALL_KPROBE("slab_balloc_return", function, ##__VA_ARGS__)
#define BULK_FREE_KPROBE(...)                                                  \
  {                                                                            \
    .kind = KPROBE, .programs = {"slab_bfree_kprobe"}, .targets = {BULK_FREE}, \
    .needs = {                                                                 \
      {HOOK_NEEDS_KPROBE, BULK_FREE},                                          \
      ##__VA_ARGS__                                                            \
    }                                                                          \
  }

static const struct hook_candidate bulk_alloc[] = {
    BULK_ALLOC_KPROBE(BULK_ALLOC_NEW, NEEDS_PREEMPTION),
    BULK_ALLOC_KPROBE(BULK_ALLOC, NEEDS_PREEMPTION),
    BULK_ALLOC_FEXIT(BULK_ALLOC_NEW),
    BULK_ALLOC_FEXIT(BULK_ALLOC),
    BULK_ALLOC_KPROBE(BULK_ALLOC_NEW),
    BULK_ALLOC_KPROBE(BULK_ALLOC),
};
static const struct hook_candidate bulk_free[] = {
    BULK_FREE_KPROBE({HOOK_NEEDS_KFUNC, KFUNC}, NEEDS_PREEMPTION),
    BULK_FREE_KPROBE(NEEDS_PAGE, NEEDS_PREEMPTION),
    {.kind = FEXIT,
     .programs = {"slab_bfree_fentry"},
     .needs = {{HOOK_NEEDS_FUNCTION, BULK_FREE}, {HOOK_NEEDS_KFUNC, KFUNC}}},
    {.kind = FEXIT,
     .programs = {"slab_bfree_fentry"},
     .needs = {{HOOK_NEEDS_FUNCTION, BULK_FREE},
               {HOOK_NEEDS_VALUE, "bpf_func_id.BPF_FUNC_get_func_arg"},
               NEEDS_PAGE}},
    BULK_FREE_KPROBE({HOOK_NEEDS_KFUNC, KFUNC}),
    BULK_FREE_KPROBE(NEEDS_PAGE),
};
static const struct hook_candidate rcu_sheaf[] = {
    CALL_KPROBE("slab_sheaf_return", SHEAF, NEEDS_PREEMPTION),
    {.kind = FEXIT,
     .programs = {"slab_sheaf_fexit"},
     .needs = {{HOOK_NEEDS_FUNCTION, SHEAF}, {HOOK_NEEDS_KFUNC, KFUNC}}},
    CALL_KPROBE("slab_sheaf_return", SHEAF),
};

/* Here fexit always comes first. Most of these calls come from BPF programs and
 * from bpf(), and the kernel skips all programs of kprobes meanwhile
 * (bpf_prog_active). */
#define NOLOCK(kind_, program, need, function)                                 \
  {                                                                            \
    .kind = (kind_), .programs = {program}, .targets = {function}, .needs = {  \
      {(need), function},                                                      \
      {HOOK_NEEDS_KFUNC, KFUNC}                                                \
    }                                                                          \
  }
#define NOLOCK_FEXIT(program, function)                                        \
  NOLOCK(FEXIT, program, HOOK_NEEDS_FUNCTION, function)
#define NOLOCK_KPROBE(program, function)                                       \
  NOLOCK(KPROBE, program, HOOK_NEEDS_KPROBE, function)

static const struct hook_candidate nolock_alloc[] = {
    NOLOCK_FEXIT("slab_nlalloc_fexit", NOLOCK_ALLOC),
    NOLOCK_FEXIT("slab_nlalloc_fexit", NOLOCK_ALLOC_NEW),
    NOLOCK_KPROBE("slab_nlalloc_return", NOLOCK_ALLOC),
    NOLOCK_KPROBE("slab_nlalloc_return", NOLOCK_ALLOC_NEW),
};
static const struct hook_candidate nolock_free[] = {
    NOLOCK_FEXIT("slab_nlfree_fentry", NOLOCK_FREE),
    NOLOCK_KPROBE("slab_nlfree_kprobe", NOLOCK_FREE),
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
                             .functions = {SHEAF},
                             CANDIDATES(rcu_sheaf)},
    [SLAB_HOOK_NOLOCK_ALLOC] = {.name = "kmalloc_nolock",
                                .functions = {NOLOCK_ALLOC, NOLOCK_ALLOC_NEW},
                                CANDIDATES(nolock_alloc)},
    [SLAB_HOOK_NOLOCK_FREE] = {.name = "kfree_nolock",
                               .functions = {NOLOCK_FREE},
                               CANDIDATES(nolock_free)},
};

int slab_hooks_choose(struct slab_choice *choice, enum settings_hooks wanted,
                      hook_exists *exists, void *ctx) {
  int err = 0;

  for (int i = 0; i < SLAB_HOOK_COUNT; i++) {
    unsigned chosen = hook_choose(&slab_hooks[i], 0, wanted, exists, ctx);

    choice->chosen[i] =
        chosen < slab_hooks[i].count ? &slab_hooks[i].candidates[chosen] : NULL;
    choice->uncounted[i] = choice->chosen[i]
                               ? choice->chosen[i]->in_part
                               : hook_is_present(&slab_hooks[i], exists, ctx);
    if (!choice->chosen[i] && i < SLAB_HOOK_REQUIRED_COUNT)
      err = -EOPNOTSUPP;
  }
  return err;
}

bool slab_hooks_use(const struct slab_choice *choice,
                    enum settings_hooks kind) {
  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    if (choice->chosen[i] && choice->chosen[i]->kind == kind)
      return true;
  return false;
}

bool slab_hooks_need_kfunc(const struct slab_choice *choice) {
  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    if (choice->chosen[i] && hook_needs(choice->chosen[i], HOOK_NEEDS_KFUNC))
      return true;
  return false;
}

int slab_hooks_select(const struct slab_choice *choice,
                      struct bpf_object *object) {
  int err = 0;

  for (int i = 0; i < SLAB_HOOK_COUNT && !err; i++)
    if (choice->chosen[i])
      err = attach_select(object, choice->chosen[i]);
  return err;
}

int slab_hooks_attach(struct slab_choice *choice, struct bpf_object *object) {
  int err = 0;

  for (int i = 0; i < SLAB_HOOK_COUNT && !err; i++)
    if (choice->chosen[i])
      err = attach_candidate(object, choice->chosen[i], choice->attached[i]);
  return err;
}

void slab_hooks_detach(struct slab_choice *choice) {
  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    for (int j = 0; j < HOOK_PROGRAMS_MAX; j++)
      attach_close(&choice->attached[i][j]);
}

/* Whether the program is also in an attachment before this one. The kernel
 * tells what a program missed as one number for all its hooks. */
static bool slab_is_again(const struct slab_choice *choice,
                          const struct attachment *attachment) {
  const struct attachment *all = choice->attached[0];

  for (; all < attachment; all++)
    if (all->program == attachment->program)
      return true;
  return false;
}

static uint64_t slab_missed_at(const struct slab_choice *choice,
                               struct attachment *attachment) {
  uint64_t missed = attach_missed_hits(attachment);

  return slab_is_again(choice, attachment) ? missed
                                           : missed + attach_missed(attachment);
}

static uint64_t slab_lost_calls(struct slab_choice *choice,
                                const struct slab_stats *stats) {
  uint64_t open = stats->kept > stats->taken ? stats->kept - stats->taken : 0;
  uint64_t lost = open < choice->open_calls ? open : choice->open_calls;

  choice->open_calls = open;
  if (lost > choice->lost_calls)
    choice->lost_calls = lost;
  return choice->lost_calls;
}

/* A pair of kprobes tells missed calls in two ways: calls for which the entry
 * was skipped, which the return may have noticed, too; and calls that no return
 * took. */
uint64_t slab_hooks_missed(struct slab_choice *choice,
                           const struct slab_stats *stats) {
  uint64_t missed = 0, entries = 0;

  for (int i = 0; i < SLAB_HOOK_COUNT; i++) {
    struct attachment *attached = choice->attached[i];
    const struct hook_candidate *chosen = choice->chosen[i];

    if (chosen && chosen->kind == KPROBE && chosen->programs[1]) {
      entries += slab_missed_at(choice, &attached[0]);
      continue;
    }
    for (int j = 0; j < HOOK_PROGRAMS_MAX; j++)
      if (attached[j].program)
        missed += slab_missed_at(choice, &attached[j]);
  }
  return missed + (entries > stats->unkept ? entries : stats->unkept) +
         slab_lost_calls(choice, stats);
}
