// SPDX-License-Identifier: MIT
/* The slab probe: it counts at every entry point that this kernel lets it hook.
 */
#include "core/orders.h"
#include "kernel/cpus.h"
#include "kernel/features.h"
#include "kernel/refusal.h"
#include "probe.h"
#include "slab/caches.h"
#include "slab/hooks.h"
#include "slab/object.h"
#include "slab/slabinfo.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OTHER_NAME "other"

static const char *const classes[] = {OTHER_NAME, NULL};

struct slab {
  struct slab_object object;
  struct slab_choice choice;
  struct slab_caches caches;
  struct slabinfo info;
  struct log log;
  unsigned used;
  bool warned; /* of CPUs for which the tables have no room */
};

/* Whether BPF skips a program at a raw tracepoint that already runs on the CPU.
 * It does since 6.1 (05b24ff9b2cf, which also made this function known by
 * name). On arm64 the guard is per context from 7.0 on, and programs do
 * interrupt themselves. */
static bool slab_guards_adds(struct features *info) {
#if defined(__x86_64__)
  const struct hook_need in_btf = {HOOK_NEEDS_CODE,
                                   "bpf_prog_inc_misses_counter"};
  const struct hook_need in_kallsyms = {HOOK_NEEDS_SYMBOL, in_btf.name};

  return features_exists(info, &in_btf) || features_exists(info, &in_kallsyms);
#else
  (void)info;
  return false;
#endif
}

static int slab_load(struct slab *slab, const struct probe_options *options,
                     unsigned cpus) {
  const struct slab_object_options object = {
      .choice = &slab->choice,
      .btf = options->kernel->path,
      .config = {.atomic = !slab_guards_adds(options->kernel), .cpus = cpus}};
  int err;

  features_rest(options->kernel);
  err = slab_object_open(&object, &slab->object);
  if (err)
    return err;
  slab->caches.cpus = cpus;
  slab->caches.slots = slab->object.slots.data;
  slab->caches.counts = slab->object.counts.data;
  slab->caches.lines = (void *)slab->object.lines.data;
  return slab_hooks_attach(&slab->choice, slab->object.bpf);
}

/* Undoes all, so that other hooks can be tried. */
static void slab_unload(struct slab *slab) {
  slab_hooks_detach(&slab->choice);
  slab_object_close(&slab->object);
  *slab = (struct slab){.log = slab->log};
}

static void slab_close(void *ctx) {
  struct slab *slab = ctx;

  if (!slab)
    return;
  slabinfo_close(&slab->info);
  slab_unload(slab);
  free(slab);
}

static int slab_try_hooks(struct slab *slab,
                          const struct probe_options *options,
                          enum settings_hooks wanted, unsigned cpus) {
  int err = features_read(options->kernel);

  if (!err)
    err = slab_hooks_choose(&slab->choice, wanted, features_exists,
                            options->kernel);
  if (!err)
    err = slab_load(slab, options, cpus);
  if (err)
    slab_unload(slab);
  return err;
}

/* If the hooks at functions fail, tracepoints are tried alone. Events that only
 * functions tell are then not counted. */
static int slab_start(struct slab *slab, const struct probe_options *options) {
  struct refusal refusal = {.probe = "slab"};
  int cpus = cpus_count(), err;

  if (cpus < 0)
    return cpus;
  err = slab_try_hooks(slab, options, options->hooks, (unsigned)cpus);
  if (!err || options->hooks != SETTINGS_HOOKS_AUTO)
    return err;
  refusal_keep(&refusal, options->kernel, "hooks at functions", err,
               &options->log);
  err =
      slab_try_hooks(slab, options, SETTINGS_HOOKS_TRACEPOINT, (unsigned)cpus);
  if (err)
    refusal_keep(&refusal, options->kernel, "tracepoints", err, &options->log);
  else
    refusal_tell(&refusal, &options->log);
  return err;
}

static bool slab_uses(const struct slab *slab, enum settings_hooks kind) {
  return slab_hooks_use(&slab->choice, kind);
}

/* Names the hooks. Tracepoints are always among them. */
static const char *slab_hook_names(const struct slab *slab) {
  if (slab_uses(slab, SETTINGS_HOOKS_FEXIT))
    return slab_uses(slab, SETTINGS_HOOKS_KPROBE)
               ? "tracepoint, fexit and kprobe"
               : "tracepoint and fexit";
  return slab_uses(slab, SETTINGS_HOOKS_KPROBE) ? "tracepoint and kprobe"
                                                : "tracepoint";
}

static bool slab_is_off(const struct slab *slab, enum settings_hooks kind) {
  return slab_uses(slab, kind) && features_are_off(kind);
}

/* The number of entry points that are not counted now: hooks may be switched
 * off. */
static unsigned slab_uncounted(const struct slab *slab) {
  const bool off[] = {
      [SETTINGS_HOOKS_FEXIT] = slab_is_off(slab, SETTINGS_HOOKS_FEXIT),
      [SETTINGS_HOOKS_KPROBE] = slab_is_off(slab, SETTINGS_HOOKS_KPROBE),
      [SETTINGS_HOOKS_TRACEPOINT] = false};
  unsigned count = 0;

  for (int i = 0; i < SLAB_HOOK_COUNT; i++) {
    const struct hook_candidate *chosen = slab->choice.chosen[i];

    count += slab->choice.uncounted[i] || (chosen && off[chosen->kind]);
  }
  return count;
}

static void slab_report_open(const struct slab *slab) {
  char list[256] = "";
  size_t used = 0;

  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    if (slab->choice.uncounted[i] && used < sizeof(list))
      used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s%s",
                               used ? ", " : "", slab_hooks[i].name,
                               slab->choice.chosen[i] ? " (in part)" : "");
  log_printf(&slab->log, LOG_LEVEL_INFO,
             "slab: using hook %s; not counted on this kernel: %s",
             slab_hook_names(slab), used ? list : "nothing");
}

/* Without slabinfo, caches are ranked by their events alone. */
static void slab_open_info(struct slab *slab) {
  int err = slabinfo_open(&slab->info);

  if (err)
    log_printf(&slab->log, LOG_LEVEL_WARNING,
               "slab: " SLABINFO
               " cannot be read (%s), which is for root: what "
               "each cache holds is left out, and one that grows may have no "
               "series",
               strerror(-err));
}

static int slab_open(const struct probe_options *options, void **ret_ctx) {
  struct slab *slab = calloc(1, sizeof(*slab));
  int err = -ENOMEM;

  if (slab) {
    slab->log = options->log;
    err = slab_start(slab, options);
  }
  if (err) {
    refusal_report(options->kernel, "slab", options->hooks, err, &options->log);
    slab_close(slab);
    return err;
  }
  slab_report_open(slab);
  slab_open_info(slab);
  *ret_ctx = slab;
  return 0;
}

/* Warns once: containers may be shown fewer CPUs than the kernel has (lxcfs).
 */
static void slab_warn_beyond(struct slab *slab) {
  uint64_t beyond = slab_object_stats(&slab->object).beyond;

  if (!beyond || slab->warned)
    return;
  log_printf(&slab->log, LOG_LEVEL_WARNING,
             "slab: %" PRIu64 " events so far on CPUs that " CPUS_POSSIBLE
             " does not list (it ends at %u); they are in events_missed; let "
             "collectd see the kernel's own /sys",
             beyond, slab->caches.cpus - 1);
  slab->warned = true;
}

static void slab_harvest_slot(struct slab *slab, unsigned slot,
                              source_take_row *take, void *arg) {
  struct source_row row;

  if (slab_caches_row(&slab->caches, slot, &row)) {
    slab->used++;
    take(arg, &row);
  }
  if (slab_caches_settle(&slab->caches, slot) &&
      !slab_object_release_slot(&slab->object, slot))
    slab_caches_released(&slab->caches, slot);
}

static int slab_harvest(void *ctx, source_take_row *take, void *arg) {
  struct slab *slab = ctx;
  const uint64_t *other = slab->caches.cache[SLAB_SLOT_OTHER].sum;

  slab_caches_read(&slab->caches);
  take(
      arg,
      &(struct source_row){
          .slot = SLAB_SLOT_OTHER,
          .owner = 1,
          .kind = ROW_CLASS,
          .name = OTHER_NAME,
          .events = {
              [ROW_ALLOC] = other[SLAB_ALLOC], [ROW_FREE] = other[SLAB_FREE]}});
  slab->used = 0;
  for (unsigned i = SLAB_SLOT_FIRST; i < SLAB_SLOTS_MAX; i++)
    slab_harvest_slot(slab, i, take, arg);
  slab_warn_beyond(slab);
  return 0;
}

struct slab_holder {
  const struct slab_caches *caches;
  source_take_held *take;
  void *arg;
};

static void slab_tell_held(void *arg, const struct slabinfo_row *row) {
  const struct slab_holder *holder = arg;
  char name[SLAB_NAME_SIZE] = "";
  const struct source_held held = {
      .name = name,
      .objects = row->objects,
      .bytes = row->slabs * row->pages * (uint64_t)sysconf(_SC_PAGESIZE),
      .slack = slab_caches_slack(holder->caches, row->slab_objects),
      .object_size = (uint32_t)row->object_size};

  memcpy(name, row->name,
         row->name_size < sizeof(name) ? row->name_size : sizeof(name) - 1);
  holder->take(holder->arg, &held);
}

static void slab_held(void *ctx, source_take_held *take, void *arg) {
  struct slab *slab = ctx;

  if (slab->info.is_open)
    (void)slabinfo_read(&slab->info, slab_tell_held,
                        &(struct slab_holder){&slab->caches, take, arg});
}

static void slab_deduces(void *ctx, const char *label) {
  const struct slab *slab = ctx;

  log_printf(&slab->log, LOG_LEVEL_INFO,
             "slab: %s: some events were not counted (missed, or at entry "
             "points that are not hooked); the objects in use, by " SLABINFO
             ", tell the rest",
             label);
}

static void slab_tell_stats(void *ctx, source_take_stat *take, void *arg) {
  struct slab *slab = ctx;
  struct slab_stats own = slab_object_stats(&slab->object);

  uint64_t missed =
      slab_hooks_missed(&slab->choice, &own) + own.beyond + own.dropped;
  const struct source_stat list[] = {
      {"events_missed", true, (double)missed},
      {"events_untracked", true, (double)own.untracked},
      {"tracked", false, slab->used},
      {"tracked_max", false, SLAB_SLOTS_MAX - SLAB_SLOT_FIRST},
      {"entry_points_uncounted", false, slab_uncounted(slab)},
      {"hook_fexit", false, slab_uses(slab, SETTINGS_HOOKS_FEXIT)},
      {"hook_kprobe", false, slab_uses(slab, SETTINGS_HOOKS_KPROBE)},
      {"hook_tracepoint", false, 1},
  };

  for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
    take(arg, &list[i]);
}

static struct source slab_source(void *ctx) {
  return (struct source){.ctx = ctx,
                         .slots_max = SLAB_SLOTS_MAX,
                         .harvest = slab_harvest,
                         .held = slab_held,
                         .deduces = slab_deduces,
                         .stats = slab_tell_stats};
}

const struct probe slab_probe = {
    .name = "slab",
    .classes = classes,
    .orders = &orders_caches,
    .events = slab_hooks,
    .events_count = SLAB_HOOK_COUNT,
    .open = slab_open,
    .close = slab_close,
    .source = slab_source,
};
