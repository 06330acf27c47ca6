// SPDX-License-Identifier: MIT
/* The page fault probe: tries its hooks in turn, harvests pf_counts. */
#include "pagefault.h"

#include "attach.h"
#include "kernelinfo.h"
#include "pagefault_hooks.h"
#include "refusal.h"
#include "slots.h"
#include "tracefs.h"
#include "walk.h"

/* The skeleton names the types of the contract. */
#include "pagefault_api.h"

#include "pagefault.skel.h"

#include <errno.h>
#include <stdlib.h>

static const char *const classes[] = {"anon",         "heap",    "stack",
                                      "shmem",        "hugetlb", "special",
                                      "unattributed", NULL};

struct pagefault {
  struct pagefault_bpf *bpf;
  const struct hook_candidate *hook;
  struct attachment attached[HOOK_PROGRAMS_MAX];
  struct ring_buffer *names;
  struct walk_table slot_table, count_table, perf_table;
  struct slots *slots;
  struct pf_count *sums;
  unsigned cpus, slots_max;
};

static int on_name(void *ctx, void *data, size_t size) {
  const struct pagefault *pf = ctx;
  const struct pf_name *name = data;

  if (size >= sizeof(*name) && name->size <= size - sizeof(*name))
    slots_name(pf->slots, name, (const char *)(name + 1), name->size);
  return 0;
}

static bool by_tracepoint(const struct pagefault *pf) {
  return pf->hook->kind == SETTINGS_HOOKS_TRACEPOINT;
}

/* Maps that the hook does not use are not made. */
static void size_maps(struct pagefault *pf) {
  unsigned files = pf->slots_max - PF_SLOT_FILES;

  pf->bpf->rodata->pf_config.slots_max = pf->slots_max;
  bpf_map__set_max_entries(pf->bpf->maps.pf_files, files);
  bpf_map__set_max_entries(pf->bpf->maps.pf_free, files);
  bpf_map__set_max_entries(pf->bpf->maps.pf_slots, pf->slots_max);
  bpf_map__set_max_entries(pf->bpf->maps.pf_counts, pf->cpus * pf->slots_max);
  bpf_map__set_max_entries(pf->bpf->maps.pf_perf, 2 * pf->cpus);
  bpf_map__set_autocreate(pf->bpf->maps.pf_perf, by_tracepoint(pf));
  bpf_map__set_autocreate(pf->bpf->maps.pf_task, by_tracepoint(pf));
  bpf_map__set_autocreate(pf->bpf->maps.pf_stash, !by_tracepoint(pf));
}

static int load(struct pagefault *pf) {
  int err;

  pf->bpf = pagefault_bpf__open();
  if (!pf->bpf)
    return -errno;
  size_maps(pf);
  attach_select_none(pf->bpf->obj);
  err = attach_select(pf->bpf->obj, pf->hook);
  return err ? err : pagefault_bpf__load(pf->bpf);
}

static int open_tables(struct pagefault *pf) {
  int err = walk_open(pf->bpf->maps.pf_slots, &pf->slot_table);

  if (!err)
    err = walk_open(pf->bpf->maps.pf_counts, &pf->count_table);
  if (!err && by_tracepoint(pf))
    err = walk_open(pf->bpf->maps.pf_perf, &pf->perf_table);
  if (err)
    return err;
  pf->slots = slots_new(
      pf->slots_max,
      &(struct slots_kernel){.table = pf->slot_table.data,
                             .files_fd = bpf_map__fd(pf->bpf->maps.pf_files),
                             .free_fd = bpf_map__fd(pf->bpf->maps.pf_free)});
  pf->sums = calloc(pf->slots_max, sizeof(*pf->sums));
  if (!pf->slots || !pf->sums)
    return -ENOMEM;
  pf->names = ring_buffer__new(bpf_map__fd(pf->bpf->maps.pf_names), on_name, pf,
                               /* opts = */ NULL);
  return pf->names ? slots_fill(pf->slots) : -errno;
}

static int attach(struct pagefault *pf) {
  int err = 0;

  for (int i = 0; i < HOOK_PROGRAMS_MAX && pf->hook->programs[i] && !err; i++)
    err = attach_open(
        bpf_object__find_program_by_name(pf->bpf->obj, pf->hook->programs[i]),
        PAGEFAULT_FUNCTION, &pf->attached[i]);
  return err;
}

/* Back to nothing, so that the next hook can be tried. */
static void unload(struct pagefault *pf) {
  for (int i = 0; i < HOOK_PROGRAMS_MAX; i++)
    attach_close(&pf->attached[i]);
  ring_buffer__free(pf->names);
  slots_free(pf->slots);
  free(pf->sums);
  walk_close(&pf->slot_table);
  walk_close(&pf->count_table);
  walk_close(&pf->perf_table);
  pagefault_bpf__destroy(pf->bpf);
  *pf = (struct pagefault){.cpus = pf->cpus, .slots_max = pf->slots_max};
}

static int try_hook(struct pagefault *pf, const struct hook_candidate *hook) {
  int err;

  pf->hook = hook;
  err = load(pf);
  if (!err)
    err = open_tables(pf);
  if (!err)
    err = attach(pf);
  if (err)
    unload(pf);
  return err;
}

/* The first hook that exists, loads and attaches. */
static int choose_hook(struct pagefault *pf,
                       const struct probe_options *options,
                       struct kernelinfo *info) {
  int err = 0;

  for (unsigned i = 0;; i++) {
    i = hook_choose(&pagefault_hooks, i, options->hooks, kernelinfo_exists,
                    info);
    if (i == pagefault_hooks.count)
      return err ? err : kernelinfo_error(info);
    err = try_hook(pf, &pagefault_hooks.candidates[i]);
    if (!err)
      return 0;
    log_printf(&options->log, LOG_LEVEL_INFO,
               "pagefault: hook %s failed: error %d, trying the next",
               settings_hooks_name(pagefault_hooks.candidates[i].kind), -err);
  }
}

static void report(const struct probe_options *options, int err,
                   const char *step) {
  char text[512];

  refusal_explain(err, text, sizeof(text));
  log_printf(&options->log, LOG_LEVEL_ERROR, "pagefault: %s (Hooks \"%s\"): %s",
             step, settings_hooks_name(options->hooks), text);
}

static void pagefault_close(void *ctx) {
  struct pagefault *pf = ctx;

  if (!pf)
    return;
  unload(pf);
  free(pf);
}

static int start(struct pagefault *pf, const struct probe_options *options) {
  struct kernelinfo *info;
  int err = kernelinfo_new(&info);

  if (err) {
    report(options, err, "cannot read the kernel's BTF");
    return err;
  }
  tracefs_remove_stale();
  err = choose_hook(pf, options, info);
  kernelinfo_free(info);
  if (err)
    report(options, err, "no hook for page faults can be used");
  return err;
}

static int pagefault_open(const struct probe_options *options, void **ret_ctx) {
  struct pagefault *pf = calloc(1, sizeof(*pf));
  int err;

  if (!pf)
    return -ENOMEM;
  pf->cpus = (unsigned)libbpf_num_possible_cpus();
  pf->slots_max = PF_SLOT_FILES + options->max_tracked;
  err = start(pf, options);
  if (err) {
    pagefault_close(pf);
    return err;
  }
  log_printf(&options->log, LOG_LEVEL_INFO,
             "pagefault: using hook %s, room for %u files",
             settings_hooks_name(pf->hook->kind), options->max_tracked);
  *ret_ctx = pf;
  return 0;
}

static void sum_counts(struct pagefault *pf) {
  walk_sum(&pf->count_table, pf->cpus,
           pf->slots_max * (sizeof(struct pf_count) / sizeof(uint64_t)),
           (uint64_t *)pf->sums);
}

/* Names first: a slot taken in between is named in the next read. */
static int harvest(void *ctx,
                   void (*take)(void *arg, const struct source_row *row),
                   void *arg) {
  struct pagefault *pf = ctx;

  ring_buffer__consume(pf->names);
  sum_counts(pf);
  slots_harvest(pf->slots, pf->sums, take, arg);
  return 0;
}

static uint64_t missed_by_perf(const struct pagefault *pf) {
  const struct pf_perf *perf = pf->perf_table.data;
  uint64_t missed = 0;

  for (unsigned i = 0; i < 2 * pf->cpus; i++)
    missed += __atomic_load_n(&perf[i].missed, __ATOMIC_RELAXED);
  return missed;
}

/* Events that no program saw: for perf events by their own count, else what the
 * kernel says that it skipped. */
static uint64_t missed(const struct pagefault *pf) {
  uint64_t missed = 0;

  if (by_tracepoint(pf))
    return missed_by_perf(pf);
  for (int i = 0; i < HOOK_PROGRAMS_MAX; i++)
    missed += attach_missed(&pf->attached[i]);
  return missed;
}

static void stats(void *ctx,
                  void (*take)(void *arg, const struct source_stat *stat),
                  void *arg) {
  const struct pagefault *pf = ctx;
  const struct pf_stats *kernel = &pf->bpf->bss->pf_stats;
  const struct source_stat list[] = {
      {"events_missed", true, (double)missed(pf)},
      {"events_untracked", true, (double)kernel->untracked},
      {"events_unstashed", true, (double)kernel->stash_lost},
      {"names_lost", true, (double)kernel->names_lost},
      {"tracked", false, slots_used(pf->slots)},
      {"tracked_max", false, pf->slots_max - PF_SLOT_FILES},
      {"unnamed", false, slots_unnamed(pf->slots)},
      {"hook_fexit", false, pf->hook->kind == SETTINGS_HOOKS_FEXIT},
      {"hook_kprobe", false, pf->hook->kind == SETTINGS_HOOKS_KPROBE},
      {"hook_tracepoint", false, by_tracepoint(pf)},
  };

  for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
    take(arg, &list[i]);
}

static struct source pagefault_source(void *ctx) {
  struct pagefault *pf = ctx;

  return (struct source){.ctx = pf,
                         .slots_max = pf->slots_max,
                         .harvest = harvest,
                         .stats = stats};
}

const struct probe pagefault_probe = {
    .name = "pagefault",
    .classes = classes,
    .events = &pagefault_hooks,
    .events_count = 1,
    .open = pagefault_open,
    .close = pagefault_close,
    .source = pagefault_source,
};
