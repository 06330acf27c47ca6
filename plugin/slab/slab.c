// SPDX-License-Identifier: MIT
/* The slab probe: every entry point that this kernel lets be counted. */
#include "slab/slab.h"

#include "kernel/features.h"
#include "kernel/refusal.h"
#include "kernel/switches.h"
#include "kernel/tracefs.h"
#include "slab/attach.h"
#include "slab/object.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const classes[] = {NULL};

#define OTHER_NAME "other"

struct slab {
  struct slab_object object;
  struct slab_attach attach;
  struct slab_count *sums;
  uint32_t released[SLAB_SLOTS_MAX]; /* owner whose slot went back */
  unsigned cpus, used;
  unsigned copies; /* of each program: more than one recover events */
  bool preemptible;
  uint64_t missed; /* as last published */
};

/* Whether BPF skips a raw tracepoint's program that already runs on the CPU
 * (6.1, 05b24ff9b2cf, which also made this function known by name). */
static bool has_guard(struct features *info) {
  const struct hook_need in_btf = {HOOK_NEEDS_CODE,
                                   "bpf_prog_inc_misses_counter"};
  const struct hook_need in_kallsyms = {HOOK_NEEDS_SYMBOL, in_btf.name};

  return features_exists(info, &in_btf) || features_exists(info, &in_kallsyms);
}

/* On arm64 the guard is per context from 7.0 on: programs do interrupt
 * themselves. */
static bool guards_adds(bool guard) {
#if defined(__x86_64__)
  return guard;
#else
  (void)guard;
  return false;
#endif
}

/* Lines are for so many CPUs. */
static enum slab_variant variant_wanted(const struct slab *slab, bool guard) {
  if (!guards_adds(guard) || slab->copies > 1 || slab->preemptible)
    return SLAB_FOR_ALL;
  return slab->cpus <= SLAB_LINE_CPUS ? SLAB_BY_LINES : SLAB_PLAIN;
}

static int load(struct slab *slab, const struct probe_options *options,
                bool guard) {
  const enum slab_variant variant = variant_wanted(slab, guard);
  const struct slab_object_options object = {
      .kfunc = slab_attach_needs_kfunc(&slab->attach),
      .kprobes = slab_attach_uses(&slab->attach, SETTINGS_HOOKS_KPROBE),
      .btf = options->kernel->path,
      .cpus = slab->cpus,
      .config = {.atomic = !guards_adds(guard),
                 .copies = slab->copies,
                 .cpus = slab->cpus,
                 .line_cpus = variant == SLAB_BY_LINES ? slab->cpus : 0,
                 .preemptible = slab->preemptible}};
  int err = slab_object_open(&object, &slab->object);

  slab->attach.variant = variant;
  if (!err)
    err = slab_attach_select(&slab->attach, slab->object.bpf, slab->copies);
  if (!err)
    err = slab_object_load(&slab->object);
  if (err)
    return err;
  slab->sums = calloc(SLAB_SLOTS_MAX, sizeof(*slab->sums));
  if (!slab->sums)
    return -ENOMEM;
  return slab_attach_open(&slab->attach, slab->object.bpf, slab->copies);
}

/* Back to nothing, so that other hooks can be tried. */
static void unload(struct slab *slab) {
  slab_attach_close(&slab->attach);
  slab_object_close(&slab->object);
  free(slab->sums);
  *slab = (struct slab){.cpus = slab->cpus};
}

static void slab_close(void *ctx) {
  struct slab *slab = ctx;

  if (!slab)
    return;
  unload(slab);
  free(slab);
}

static int try_hooks(struct slab *slab, const struct probe_options *options,
                     enum settings_hooks wanted, struct features *info) {
  bool guard = has_guard(info);
  int err = slab_attach_choose(&slab->attach, wanted, features_exists, info);

  slab->preemptible = features_tracepoints_preempt(info);
  slab->copies = 1;
  if (!err)
    err = load(slab, options, guard);
  if (err)
    unload(slab);
  return err;
}

/* What only functions tell is given up before all is. */
static int start(struct slab *slab, const struct probe_options *options) {
  struct features *info = options->kernel;
  int err = features_read(info, &options->log);

  if (err)
    return err;
  tracefs_remove_stale();
  err = try_hooks(slab, options, options->hooks, info);
  if (err && options->hooks == SETTINGS_HOOKS_AUTO) {
    log_printf(&options->log, LOG_LEVEL_INFO,
               "slab: all hooks together failed: error %d, trying tracepoints "
               "alone",
               -err);
    log_libbpf_begin();
    err = try_hooks(slab, options, SETTINGS_HOOKS_TRACEPOINT, info);
  }
  return err;
}

static bool uses(const struct slab *slab, enum settings_hooks kind) {
  return slab_attach_uses(&slab->attach, kind);
}

/* Beside tracepoints, which are always used. */
static const char *hook_names(const struct slab *slab) {
  if (uses(slab, SETTINGS_HOOKS_FEXIT))
    return uses(slab, SETTINGS_HOOKS_KPROBE) ? "tracepoint, fexit and kprobe"
                                             : "tracepoint and fexit";
  return uses(slab, SETTINGS_HOOKS_KPROBE) ? "tracepoint and kprobe"
                                           : "tracepoint";
}

static bool is_off(const struct slab *slab, enum settings_hooks kind) {
  return uses(slab, kind) && switches_are_off(kind);
}

/* Now: what is hooked may be switched off. */
static unsigned uncounted(const struct slab *slab) {
  const bool off[] = {
      [SETTINGS_HOOKS_FEXIT] = is_off(slab, SETTINGS_HOOKS_FEXIT),
      [SETTINGS_HOOKS_KPROBE] = is_off(slab, SETTINGS_HOOKS_KPROBE),
      [SETTINGS_HOOKS_TRACEPOINT] = false};
  unsigned count = 0;

  for (int i = 0; i < SLAB_HOOK_COUNT; i++) {
    const struct hook_candidate *chosen = slab->attach.chosen[i];

    count += slab->attach.uncounted[i] || (chosen && off[chosen->kind]);
  }
  return count;
}

static void report_open(const struct slab *slab,
                        const struct probe_options *options) {
  char list[256] = "";
  size_t used = 0;

  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    if (slab->attach.uncounted[i] && used < sizeof(list))
      used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s%s",
                               used ? ", " : "", slab_hooks[i].name,
                               slab->attach.chosen[i] ? " (in part)" : "");
  log_printf(&options->log, LOG_LEVEL_INFO,
             "slab: using hook %s%s; not counted on this kernel: %s",
             hook_names(slab),
             slab->copies > 1 ? ", recovering missed events" : "",
             used ? list : "nothing");
}

static void report_refusal(const struct probe_options *options, int err) {
  char text[768];

  refusal_explain(err, text, sizeof(text));
  log_printf(&options->log, LOG_LEVEL_ERROR, "slab: cannot start: %s", text);
}

static int try_open(const struct probe_options *options,
                    struct slab **ret_slab) {
  int cpus = libbpf_num_possible_cpus(), err;
  struct slab *slab;

  if (cpus < 0)
    return cpus;
  slab = calloc(1, sizeof(*slab));
  if (!slab)
    return -ENOMEM;
  slab->cpus = (unsigned)cpus;
  err = start(slab, options);
  if (err)
    slab_close(slab);
  else
    *ret_slab = slab;
  return err;
}

static int slab_open(const struct probe_options *options, void **ret_ctx) {
  struct slab *slab;
  int err = try_open(options, &slab);

  if (err) {
    report_refusal(options, err);
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
  if (!slot->cache && !slab_object_release_slot(&slab->object, index))
    slab->released[index] = slot->owner;
}

static void harvest_slot(struct slab *slab, unsigned index,
                         void (*take)(void *arg, const struct source_row *row),
                         void *arg) {
  const struct slab_slot *slot = slab_object_slots(&slab->object) + index;
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

  counters_sum(&slab->object.counts, slab->cpus,
               SLAB_SLOTS_MAX * SLAB_COUNTER_COUNT, (uint64_t *)slab->sums);
  slab_lines_add(&slab->object.lines, slab->sums);
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

/* Both figures grow while they are read, so the difference may be less than it
 * was; what was published stays. */
static uint64_t missed(struct slab *slab) {
  uint64_t skipped = slab_attach_missed(&slab->attach);
  struct slab_stats stats = slab_object_stats(&slab->object);
  uint64_t lost = skipped + stats.stash_lost;

  lost = lost > stats.recovered ? lost - stats.recovered : 0;
  if (lost > slab->missed)
    slab->missed = lost;
  return slab->missed;
}

static void stats(void *ctx,
                  void (*take)(void *arg, const struct source_stat *stat),
                  void *arg) {
  struct slab *slab = ctx;
  struct slab_stats own = slab_object_stats(&slab->object);
  const struct source_stat list[] = {
      {"events_missed", true, (double)missed(slab)},
      {"events_recovered", true, (double)own.recovered},
      {"events_untracked", true, (double)own.untracked},
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
