// SPDX-License-Identifier: MIT
/* The slab probe: every entry point that this kernel lets be counted. */
#include "slab.h"

#include "attach.h"
#include "kernelinfo.h"
#include "refusal.h"
#include "slab_hooks.h"
#include "tracefs.h"
#include "walk.h"

/* The skeleton names the types of the contract. */
#include "slab_api.h"

#include "slab.skel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const classes[] = {NULL};

#define ATTACHED_MAX (SLAB_HOOK_COUNT * HOOK_PROGRAMS_MAX)
#define OTHER_NAME "other"

struct slab {
  struct slab_bpf *bpf;
  const struct hook_candidate *chosen[SLAB_HOOK_COUNT];
  bool uncounted[SLAB_HOOK_COUNT]; /* this kernel has it; nothing hooks it */
  struct attachment attached[ATTACHED_MAX];
  struct walk_table slot_table, count_table;
  struct slab_count *sums;
  uint32_t released[SLAB_SLOTS_MAX]; /* owner whose slot went back */
  unsigned cpus, used;
};

static int set_up(struct slab *slab, struct kernelinfo *info) {
  int err = 0;

  slab->bpf = slab_bpf__open();
  if (!slab->bpf)
    return -errno;
    /* Without BPF's recursion guard (before 5.12) a program may interrupt
     * itself; on arm64 the guard is per context from 7.0 on. */
#if defined(__x86_64__)
  slab->bpf->rodata->slab_config.atomic = !kernelinfo_exists(
      info, &(struct hook_need){HOOK_NEEDS_FIELD, "bpf_prog.active"});
#else
  (void)info;
#endif
  bpf_map__set_max_entries(slab->bpf->maps.slab_counts,
                           slab->cpus * SLAB_SLOTS_MAX);
  attach_select_none(slab->bpf->obj);
  for (int i = 0; i < SLAB_HOOK_COUNT && !err; i++)
    if (slab->chosen[i])
      err = attach_select(slab->bpf->obj, slab->chosen[i]);
  return err;
}

static int release_slot(const struct slab *slab, uint32_t index) {
  return bpf_map__update_elem(slab->bpf->maps.slab_free, NULL, 0, &index,
                              sizeof(index), BPF_ANY);
}

static int open_tables(struct slab *slab) {
  int err = walk_open(slab->bpf->maps.slab_slots, &slab->slot_table);

  if (!err)
    err = walk_open(slab->bpf->maps.slab_counts, &slab->count_table);
  for (uint32_t i = SLAB_SLOT_CACHES; i < SLAB_SLOTS_MAX && !err; i++)
    err = release_slot(slab, i);
  if (err)
    return err;
  slab->sums = calloc(SLAB_SLOTS_MAX, sizeof(*slab->sums));
  return slab->sums ? 0 : -ENOMEM;
}

static int attach(struct slab *slab) {
  struct attachment *next = slab->attached;

  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    for (int j = 0; slab->chosen[i] && j < HOOK_PROGRAMS_MAX; j++) {
      const char *name = slab->chosen[i]->programs[j];
      int err = name ? attach_open(bpf_object__find_program_by_name(
                                       slab->bpf->obj, name),
                                   slab->chosen[i]->target, next++)
                     : 0;

      if (err)
        return err;
    }
  return 0;
}

static void choose_hooks(struct slab *slab, enum settings_hooks wanted,
                         struct kernelinfo *info) {
  for (int i = 0; i < SLAB_HOOK_COUNT; i++) {
    unsigned chosen =
        hook_choose(&slab_hooks[i], 0, wanted, kernelinfo_exists, info);

    slab->chosen[i] =
        chosen < slab_hooks[i].count ? &slab_hooks[i].candidates[chosen] : NULL;
    slab->uncounted[i] =
        !slab->chosen[i] &&
        hook_is_present(&slab_hooks[i], kernelinfo_exists, info);
  }
}

static int load(struct slab *slab, struct kernelinfo *info) {
  int err = set_up(slab, info);

  if (!err)
    err = slab_bpf__load(slab->bpf);
  if (!err)
    err = open_tables(slab);
  return err ? err : attach(slab);
}

/* Back to nothing, so that other hooks can be tried. */
static void unload(struct slab *slab) {
  for (int i = 0; i < ATTACHED_MAX; i++)
    attach_close(&slab->attached[i]);
  free(slab->sums);
  walk_close(&slab->slot_table);
  walk_close(&slab->count_table);
  slab_bpf__destroy(slab->bpf);
  *slab = (struct slab){.cpus = slab->cpus};
}

static void slab_close(void *ctx) {
  struct slab *slab = ctx;

  if (!slab)
    return;
  unload(slab);
  free(slab);
}

static int try_hooks(struct slab *slab, enum settings_hooks wanted,
                     struct kernelinfo *info) {
  int err = 0;

  choose_hooks(slab, wanted, info);
  for (int i = 0; i < SLAB_HOOK_REQUIRED_COUNT; i++)
    if (!slab->chosen[i])
      err = -EOPNOTSUPP;
  if (!err)
    err = load(slab, info);
  if (err)
    unload(slab);
  return err;
}

/* What only functions tell is given up before all is. */
static int start(struct slab *slab, const struct probe_options *options) {
  struct kernelinfo *info;
  int err = kernelinfo_new(&info);

  if (err)
    return err;
  tracefs_remove_stale();
  err = try_hooks(slab, options->hooks, info);
  if (err && options->hooks == SETTINGS_HOOKS_AUTO) {
    log_printf(&options->log, LOG_LEVEL_INFO,
               "slab: all hooks together failed: error %d, trying tracepoints "
               "alone",
               -err);
    err = try_hooks(slab, SETTINGS_HOOKS_TRACEPOINT, info);
  }
  kernelinfo_free(info);
  return err;
}

static bool uses(const struct slab *slab, enum settings_hooks kind) {
  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    if (slab->chosen[i] && slab->chosen[i]->kind == kind)
      return true;
  return false;
}

/* Beside tracepoints, which are always used. */
static const char *hook_names(const struct slab *slab) {
  if (uses(slab, SETTINGS_HOOKS_FEXIT))
    return uses(slab, SETTINGS_HOOKS_KPROBE) ? "tracepoint, fexit and kprobe"
                                             : "tracepoint and fexit";
  return uses(slab, SETTINGS_HOOKS_KPROBE) ? "tracepoint and kprobe"
                                           : "tracepoint";
}

static unsigned uncounted(const struct slab *slab) {
  unsigned count = 0;

  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    count += slab->uncounted[i];
  return count;
}

static void report_open(const struct slab *slab,
                        const struct probe_options *options) {
  char list[256] = "";
  size_t used = 0;

  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    if (slab->uncounted[i] && used < sizeof(list))
      used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                               used ? ", " : "", slab_hooks[i].name);
  log_printf(&options->log, LOG_LEVEL_INFO,
             "slab: using hook %s; not counted on this kernel: %s",
             hook_names(slab), used ? list : "nothing");
}

static int slab_open(const struct probe_options *options, void **ret_ctx) {
  struct slab *slab = calloc(1, sizeof(*slab));
  char text[512];
  int err;

  if (!slab)
    return -ENOMEM;
  slab->cpus = (unsigned)libbpf_num_possible_cpus();
  err = start(slab, options);
  if (err) {
    refusal_explain(err, text, sizeof(text));
    log_printf(&options->log, LOG_LEVEL_ERROR, "slab: cannot start: %s", text);
    slab_close(slab);
    return err;
  }
  report_open(slab, options);
  *ret_ctx = slab;
  return 0;
}

static struct source_row row_of(unsigned index, const struct slab_count *sum) {
  const __u64 *count = sum->count;

  return (struct source_row){
      .slot = index,
      .events = {[ROW_ALLOC] = count[SLAB_ALLOC] + count[SLAB_ALLOC_NODE] +
                               count[SLAB_KMALLOC] + count[SLAB_KMALLOC_NODE] +
                               count[SLAB_ALLOC_MORE],
                 [ROW_FREE] = count[SLAB_FREE] + count[SLAB_KFREE] +
                              count[SLAB_FREE_MORE]}};
}

/* The kernel clears `cache` of a slot whose cache was destroyed; its last
 * events were harvested by now, so it may have another owner. */
static void recycle(struct slab *slab, unsigned index,
                    const struct slab_slot *slot) {
  if (!slot->cache && !release_slot(slab, index))
    slab->released[index] = slot->owner;
}

static void harvest_slot(struct slab *slab, unsigned index,
                         void (*take)(void *arg, const struct source_row *row),
                         void *arg) {
  const struct slab_slot *slot =
      (const struct slab_slot *)slab->slot_table.data + index;
  uint32_t owner = __atomic_load_n(&slot->owner, __ATOMIC_ACQUIRE);
  struct source_row row = row_of(index, &slab->sums[index]);

  if (!owner || owner == slab->released[index])
    return;
  slab->used++;
  row.owner = owner;
  row.name = slot->name;
  row.event_size = slot->size;
  take(arg, &row);
  recycle(slab, index, slot);
}

static int harvest(void *ctx,
                   void (*take)(void *arg, const struct source_row *row),
                   void *arg) {
  struct slab *slab = ctx;
  struct source_row other;

  walk_sum(&slab->count_table, slab->cpus, SLAB_SLOTS_MAX * SLAB_COUNTER_COUNT,
           (uint64_t *)slab->sums);
  other = row_of(SLAB_SLOT_OTHER, &slab->sums[SLAB_SLOT_OTHER]);
  other.owner = 1;
  other.kind = ROW_CLASS;
  other.name = OTHER_NAME;
  take(arg, &other);
  slab->used = 0;
  for (unsigned i = SLAB_SLOT_CACHES; i < SLAB_SLOTS_MAX; i++)
    harvest_slot(slab, i, take, arg);
  return 0;
}

static void stats(void *ctx,
                  void (*take)(void *arg, const struct source_stat *stat),
                  void *arg) {
  const struct slab *slab = ctx;
  uint64_t missed = 0;

  for (int i = 0; i < ATTACHED_MAX; i++)
    missed += attach_missed(&slab->attached[i]);

  const struct source_stat list[] = {
      {"events_missed", true, (double)missed},
      {"events_untracked", true, (double)slab->bpf->bss->slab_stats.untracked},
      {"tracked", false, slab->used},
      {"tracked_max", false, SLAB_SLOTS_MAX - SLAB_SLOT_CACHES},
      {"entry_points_uncounted", false, uncounted(slab)},
      {"hook_fexit", false, uses(slab, SETTINGS_HOOKS_FEXIT)},
      {"hook_kprobe", false, uses(slab, SETTINGS_HOOKS_KPROBE)},
      {"hook_tracepoint", false, 1},
  };

  for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
    take(arg, &list[i]);
}

static struct source slab_source(void *ctx) {
  return (struct source){.ctx = ctx,
                         .slots_max = SLAB_SLOTS_MAX,
                         .harvest = harvest,
                         .stats = stats};
}

const struct probe slab_probe = {
    .name = "slab",
    .classes = classes,
    .events = slab_hooks,
    .events_count = SLAB_HOOK_COUNT,
    .open = slab_open,
    .close = slab_close,
    .source = slab_source,
};
