// SPDX-License-Identifier: MIT
/* The page fault probe: tries its hooks in turn, harvests pf_counts. */
#include "pagefault/pagefault.h"

#include "kernel/features.h"
#include "kernel/refusal.h"
#include "pagefault/hook.h"
#include "pagefault/hooks.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

static const char *const classes[] = {"anon",         "heap",    "stack",
                                      "shmem",        "hugetlb", "special",
                                      "unattributed", NULL};

/* The first hook that exists, loads and attaches. */
static int choose_hook(struct pagefault *pf,
                       const struct probe_options *options) {
  struct features *info = options->kernel;
  int err = 0;

  for (unsigned i = 0;; i++) {
    i = hook_choose(&pagefault_hooks, i, options->hooks, features_exists, info);
    if (i == pagefault_hooks.count)
      return err ? err : features_error(info);
    err = pagefault_hook_open(pf, info, &pagefault_hooks.candidates[i]);
    if (!err) {
      log_printf(&options->log, LOG_LEVEL_INFO,
                 "pagefault: using hook %s, room for %u files",
                 settings_hooks_name(pagefault_hooks.candidates[i].kind),
                 options->max_tracked);
      return 0;
    }
    log_printf(&options->log, LOG_LEVEL_INFO,
               "pagefault: hook %s failed: error %d, trying the next",
               settings_hooks_name(pagefault_hooks.candidates[i].kind), -err);
  }
}

static void report(const struct probe_options *options, int err,
                   const char *step) {
  char text[768];

  refusal_explain(err, text, sizeof(text));
  log_printf(&options->log, LOG_LEVEL_ERROR, "pagefault: %s (Hooks \"%s\"): %s",
             step, settings_hooks_name(options->hooks), text);
}

static void pagefault_close(void *ctx) {
  struct pagefault *pf = ctx;

  if (!pf)
    return;
  pagefault_hook_close(pf);
  free(pf);
}

static int start(struct pagefault *pf, const struct probe_options *options) {
  int err = features_read(options->kernel, &options->log);

  if (err)
    return err;
  return choose_hook(pf, options);
}

static int try_open(const struct probe_options *options,
                    struct pagefault **ret_pf) {
  int cpus = libbpf_num_possible_cpus(), err;
  struct pagefault *pf;

  if (cpus < 0)
    return cpus;
  pf = calloc(1, sizeof(*pf));
  if (!pf)
    return -ENOMEM;
  pf->cpus = (unsigned)cpus;
  pf->slots_max = PF_SLOT_FILES + options->max_tracked;
  pf->btf = options->kernel->path;
  pf->log = options->log;
  err = start(pf, options);
  if (err)
    pagefault_close(pf);
  else
    *ret_pf = pf;
  return err;
}

static int pagefault_open(const struct probe_options *options, void **ret_ctx) {
  struct pagefault *pf;
  int err = try_open(options, &pf);

  if (err)
    report(options, err, "no hook for page faults can be used");
  else
    *ret_ctx = pf;
  return err;
}

/* Names first: a slot taken in between is named in the next read. Lines are
 * emptied before more are closed: those wait for a read. */
static int harvest(void *ctx,
                   void (*take)(void *arg, const struct source_row *row),
                   void *arg) {
  struct pagefault *pf = ctx;
  int err = names_read(&pf->names);

  if (err)
    return err;
  pagefault_lines_turn(&pf->object.lines);
  slots_begin(pf->slots);
  pagefault_hook_read(pf);
  slots_harvest(pf->slots, pf->sums.slots, take, arg);
  return 0;
}

/* What handle_mm_fault() did that is no fault of a file; the hook tracepoint
 * does not see that. */
static void stats_uncounted(const struct pagefault *pf,
                            void (*take)(void *arg,
                                         const struct source_stat *stat),
                            void *arg) {
  if (pagefault_hook_is(pf, SETTINGS_HOOKS_TRACEPOINT))
    return;
  take(arg, &(struct source_stat){"faults_failed", true,
                                  (double)pf->sums.cpu.failed});
  take(arg, &(struct source_stat){"faults_retried", true,
                                  (double)pf->sums.cpu.retried});
}

static void stats(void *ctx,
                  void (*take)(void *arg, const struct source_stat *stat),
                  void *arg) {
  struct pagefault *pf = ctx;
  const struct pf_stats kernel = pagefault_object_stats(&pf->object);
  const struct source_stat list[] = {
      {"events_missed", true, (double)pagefault_hook_missed(pf)},
      {"events_untracked", true, (double)kernel.untracked},
      {"events_unstashed", true, (double)pagefault_hook_unstashed(pf)},
      {"names_lost", true, (double)kernel.names_lost},
      {"tracked", false, slots_used(pf->slots)},
      {"tracked_max", false, pf->slots_max - PF_SLOT_FILES},
      {"unnamed", false, slots_unnamed(pf->slots)},
      {"hook_fexit", false, pagefault_hook_is(pf, SETTINGS_HOOKS_FEXIT)},
      {"hook_kprobe", false, pagefault_hook_is(pf, SETTINGS_HOOKS_KPROBE)},
      {"hook_tracepoint", false,
       pagefault_hook_is(pf, SETTINGS_HOOKS_TRACEPOINT)},
  };

  for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
    take(arg, &list[i]);
  stats_uncounted(pf, take, arg);
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
