// SPDX-License-Identifier: MIT
/* The page fault probe: it tries its hooks in turn, and harvests the table of
 * files. */
#include "core/groups.h"
#include "core/orders.h"
#include "kernel/attach.h"
#include "kernel/cpus.h"
#include "kernel/features.h"
#include "kernel/perf.h"
#include "kernel/refusal.h"
#include "pagefault/check.h"
#include "pagefault/counts.h"
#include "pagefault/files.h"
#include "pagefault/hooks.h"
#include "pagefault/mappings.h"
#include "pagefault/object.h"
#include "probe.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

struct pagefault {
  /* These are the same for each hook that is tried. */
  unsigned cpus, slots_max, sample_above;
  bool pgfault_is_exact;
  const char *btf;
  struct log log;
  /* These belong to the hook. */
  const struct hook_candidate *hook;
  struct pagefault_object object;
  struct perf_counter *minor, *major; /* of the hook event */
  struct attachment function;         /* of the program at a function */
  const struct hook_candidate *stall; /* NULL: starts of waits are not told */
  struct attachment start;            /* of the program there */
  struct ring_buffer *names;
  struct files *files;
  struct pagefault_counts counts;
  struct pagefault_check check;
  unsigned sampling; /* CPUs that sample now */
};

static bool pagefault_uses(const struct pagefault *pf,
                           enum settings_hooks kind) {
  return pf->hook->kind == kind;
}

static int on_name(void *ctx, void *data, size_t size) {
  const struct pagefault *pf = ctx;
  const struct pf_name *name = data;

  if (size < sizeof(*name) || name->size > size - sizeof(*name))
    return 0;
  files_name(pf->files, name, (const char *)(name + 1), name->size);
  return 0;
}

static int open_tables(struct pagefault *pf) {
  const struct pagefault_object *object = &pf->object;
  const struct files_kernel kernel = {
      .table = object->slots.data,
      .change_fd =
          bpf_program__fd(pagefault_object_program(object, "pf_change_slots"))};
  int err;

  pf->files = files_new(pf->slots_max, &kernel);
  err = pagefault_counts_open(&pf->counts, pf->cpus, pf->slots_max);
  if (!pf->files || err)
    return -ENOMEM;
  pf->names = ring_buffer__new(pagefault_object_map(object, "pf_names"),
                               on_name, pf, /* opts = */ NULL);
  return pf->names ? 0 : -errno;
}

static struct bpf_program *program_of(const struct pagefault *pf,
                                      enum pagefault_program which) {
  const char *name = pf->hook->programs[which];

  return name ? pagefault_object_program(&pf->object, name) : NULL;
}

static int attach_function(struct pagefault *pf, enum pagefault_program which) {
  struct bpf_program *program = program_of(pf, which);

  return program ? attach_open(program, PAGEFAULT_FUNCTION, &pf->function) : 0;
}

static int attach_events(struct pagefault *pf) {
  int err = mappings_check(program_of(pf, PAGEFAULT_CHECK), &pf->log);

  if (!err)
    err =
        perf_open(PERF_COUNT_SW_PAGE_FAULTS_MIN,
                  bpf_program__fd(program_of(pf, PAGEFAULT_MINOR)), &pf->minor);
  if (!err)
    err =
        perf_open(PERF_COUNT_SW_PAGE_FAULTS_MAJ,
                  bpf_program__fd(program_of(pf, PAGEFAULT_MAJOR)), &pf->major);
  return err ? err : attach_function(pf, PAGEFAULT_SILENT);
}

/* Without the program at the start of waits, faults are counted as ever. */
static void warn_stall(const struct pagefault *pf, int err) {
  log_printf(&pf->log, LOG_LEVEL_WARNING,
             "pagefault: the start of waits for files cannot be hooked (%s): "
             "there are no series of the time stalled",
             strerror(-err));
}

static void attach_stall(struct pagefault *pf) {
  int err = pf->stall ? attach_open(pagefault_object_program(
                                        &pf->object, pf->stall->programs[0]),
                                    pf->stall->targets[0], &pf->start)
                      : 0;

  if (!err)
    return;
  warn_stall(pf, err);
  pf->stall = NULL;
}

/* What sees the start of a fault comes before what sees its end. */
static int attach_hook(struct pagefault *pf) {
  attach_stall(pf);
  return pf->hook->kind == SETTINGS_HOOKS_EVENT
             ? attach_events(pf)
             : attach_function(pf, /* the only one */ 0);
}

/* The first sum causes faults itself, so the check starts at the second. */
static void start_check(struct pagefault *pf) {
  pagefault_check_open(&pf->check, pf->pgfault_is_exact, pf->minor, pf->major,
                       &pf->log);
  pagefault_counts_read(&pf->counts, &pf->object);
  pagefault_counts_read(&pf->counts, &pf->object);
  pagefault_check_read(&pf->check);
  pagefault_check_start(&pf->check, &pf->counts);
}

static int load_hook(struct pagefault *pf) {
  const struct pagefault_object_options options = {.hook = pf->hook,
                                                   .stall = pf->stall,
                                                   .btf = pf->btf,
                                                   .cpus = pf->cpus,
                                                   .slots_max = pf->slots_max};
  int err = pagefault_object_open(&options, &pf->object);

  return err ? err : open_tables(pf);
}

/* Undoes all, so that the next hook can be tried. */
static void close_hook(struct pagefault *pf) {
  attach_close(&pf->function);
  attach_close(&pf->start);
  perf_close(pf->minor);
  perf_close(pf->major);
  ring_buffer__free(pf->names);
  files_free(pf->files);
  pagefault_counts_close(&pf->counts);
  pagefault_object_close(&pf->object);
  *pf = (struct pagefault){.cpus = pf->cpus,
                           .slots_max = pf->slots_max,
                           .sample_above = pf->sample_above,
                           .pgfault_is_exact = pf->pgfault_is_exact,
                           .btf = pf->btf,
                           .log = pf->log};
}

/* Loads and attaches. 0 or -errno, with nothing left behind. */
static int open_hook(struct pagefault *pf, const struct hook_candidate *hook,
                     const struct hook_candidate *stall) {
  int err;

  log_libbpf_begin();
  pf->hook = hook;
  pf->stall = stall;
  err = load_hook(pf);
  if (!err)
    err = attach_hook(pf);
  if (err) {
    close_hook(pf);
    return err;
  }
  start_check(pf);
  return 0;
}

static void pagefault_report_open(const struct pagefault *pf) {
  log_printf(&pf->log, LOG_LEVEL_INFO,
             "pagefault: using hook %s%s, room for %u files; time stalled: %s",
             settings_hooks_name(pf->hook->kind),
             program_of(pf, PAGEFAULT_SILENT)
                 ? " and fexit for faults that raise no event"
                 : "",
             pf->slots_max - PF_SLOT_FILES,
             pf->stall ? settings_hooks_name(pf->stall->kind)
                       : "no hook at the start of a wait");
}

static const char *hook_name(enum settings_hooks kind) {
  return kind == SETTINGS_HOOKS_FEXIT ? "hook fexit" : "hook event";
}

static const struct hook_candidate *choose_stall(struct features *info) {
  const struct hook_event *event = &pagefault_hooks[PAGEFAULT_STALL];
  unsigned i =
      hook_choose(event, 0, SETTINGS_HOOKS_AUTO, features_exists, info);

  return i < event->count ? &event->candidates[i] : NULL;
}

/* The kernel may refuse only the program at the start of waits. */
static int try_hook(struct pagefault *pf, const struct hook_candidate *hook,
                    const struct hook_candidate *stall) {
  int err = open_hook(pf, hook, stall), without;

  if (!err || !stall)
    return err;
  without = open_hook(pf, hook, NULL);
  if (!without)
    warn_stall(pf, err);
  return without;
}

/* Takes the first hook that exists, loads and attaches. */
static int choose_hook(struct pagefault *pf,
                       const struct probe_options *options) {
  const struct hook_event *event = &pagefault_hooks[PAGEFAULT_FAULT];
  struct refusal refusal = {.probe = "pagefault"};
  struct features *info = options->kernel;
  int err = 0;

  for (unsigned i = 0;; i++) {
    int unread = features_read(info);
    const struct hook_candidate *hook, *stall;

    if (unread)
      return unread;
    i = hook_choose(event, i, options->hooks, features_exists, info);
    if (i == event->count)
      return err ? err : features_error(info);
    hook = &event->candidates[i];
    pf->pgfault_is_exact = pagefault_check_is_exact(info);
    stall = choose_stall(info);
    features_rest(info);
    err = try_hook(pf, hook, stall);
    if (!err)
      break;
    refusal_keep(&refusal, info, hook_name(hook->kind), err, &options->log);
  }
  refusal_tell(&refusal, &options->log);
  pagefault_report_open(pf);
  return 0;
}

static void pagefault_close(void *ctx) {
  struct pagefault *pf = ctx;

  if (!pf)
    return;
  close_hook(pf);
  free(pf);
}

static int pagefault_start(struct pagefault *pf,
                           const struct probe_options *options) {
  int cpus = cpus_count();

  if (cpus < 0)
    return cpus;
  *pf = (struct pagefault){.cpus = (unsigned)cpus,
                           .slots_max = PF_SLOT_FILES + options->max_tracked,
                           .sample_above = options->sample_above,
                           .btf = options->kernel->path,
                           .log = options->log};
  return choose_hook(pf, options);
}

static int pagefault_open(const struct probe_options *options, void **ret_ctx) {
  struct pagefault *pf = calloc(1, sizeof(*pf));
  int err = pf ? pagefault_start(pf, options) : -ENOMEM;

  if (err) {
    refusal_report(options->kernel, "pagefault", options->hooks, err,
                   &options->log);
    pagefault_close(pf);
    return err;
  }
  *ret_ctx = pf;
  return 0;
}

/* Notes whether the hook fexit is switched off: its program then stays attached
 * and is not called. */
static void note_switch(struct pagefault *pf) {
  bool is_off = pf->function.program && features_are_off(SETTINGS_HOOKS_FEXIT);

  if (is_off && !pf->check.is_off)
    log_printf(&pf->log, LOG_LEVEL_ERROR,
               "pagefault: hook fexit has been switched off: until 1 is "
               "written to " FEATURES_SWITCH_FTRACE
               ", faults are unattributed");
  if (!is_off && pf->check.is_off)
    log_printf(&pf->log, LOG_LEVEL_INFO, "pagefault: hook fexit is on again");
  pf->check.is_off = is_off;
}

static void read_counts(struct pagefault *pf) {
  uint64_t pending = (uint64_t)pf->sampling * (PERF_STRIDE - 1);

  pagefault_check_read(&pf->check);
  pagefault_counts_read(&pf->counts, &pf->object);
  pagefault_check_update(&pf->check, &pf->counts, pending);
  pagefault_counts_add_rest(&pf->counts, &pf->check.rest);
  /* This bounds the cost of the hook event. On a CPU with very many faults only
   * each 7th minor fault is attributed, and counts for 7. The kernel's totals
   * stay exact. */
  pf->sampling = perf_sample(pf->minor, pf->sample_above);
}

/* Names are taken first: this makes room in the ring for the names that had
 * none. They are taken again after the counts: a program sends the name before
 * it counts, so each fault counts under the name that it gave its file. */
static int pagefault_harvest(void *ctx, source_take_row *take, void *arg) {
  struct pagefault *pf = ctx;
  int err = ring_buffer__consume(pf->names);

  if (err < 0)
    return err;
  pagefault_object_begin(&pf->object);
  note_switch(pf);
  read_counts(pf);
  err = ring_buffer__consume(pf->names);
  if (err < 0)
    return err;
  files_harvest(pf->files, pf->counts.slots, pf->counts.stalled, take, arg);
  return 0;
}

/* Statistics that only a program at a function knows: calls of
 * handle_mm_fault() that are no fault. The one beside the hook event does not
 * look at retried ones. */
static void stats_of_function(const struct pagefault *pf,
                              source_take_stat *take, void *arg) {
  if (!pf->function.program)
    return;
  take(arg, &(struct source_stat){"faults_failed", true,
                                  (double)pf->counts.cpu.failed});
  if (pagefault_uses(pf, SETTINGS_HOOKS_FEXIT))
    take(arg, &(struct source_stat){"faults_retried", true,
                                    (double)pf->counts.cpu.retried});
}

/* Each stall is in one of these. */
static const char *const stall_names[PF_STALL_BUCKETS] = {
    "stalls_below_64us",  "stalls_below_256us", "stalls_below_1ms",
    "stalls_below_4ms",   "stalls_below_16ms",  "stalls_below_66ms",
    "stalls_below_262ms", "stalls_above_262ms"};

static void stats_of_stalls(const struct pf_stats *kernel,
                            source_take_stat *take, void *arg) {
  for (int i = 0; i < PF_STALL_BUCKETS; i++)
    take(arg, &(struct source_stat){stall_names[i], true,
                                    (double)kernel->stalls[i]});
  take(arg, &(struct source_stat){"stalls_unstarted", true,
                                  (double)kernel->stalls_unstarted});
  take(arg, &(struct source_stat){"stalls_unended", true,
                                  (double)kernel->stalls_unended});
}

/* If the kernel does not count faults, BPF's own count is used, which has
 * attempts, too. */
static uint64_t pagefault_missed(struct pagefault *pf,
                                 const struct pf_stats *kernel) {
  uint64_t events = pagefault_check_missed(&pf->check);

  if (pagefault_uses(pf, SETTINGS_HOOKS_FEXIT) && !pf->check.by_vmstat)
    events += attach_missed(&pf->function);
  return events > kernel->beyond ? events : kernel->beyond;
}

static void pagefault_stats(void *ctx, source_take_stat *take, void *arg) {
  struct pagefault *pf = ctx;
  const struct pf_stats kernel = pagefault_object_stats(&pf->object);
  const struct source_stat list[] = {
      {"events_missed", true, (double)pagefault_missed(pf, &kernel)},
      {"events_untracked", true, (double)kernel.untracked},
      {"events_unfound", true, (double)kernel.unfound},
      {"names_lost", true, (double)kernel.names_lost},
      {"tracked", false, files_used(pf->files)},
      {"tracked_max", false,
       pf->slots_max - PF_SLOT_FILES - (double)kernel.slots_lost},
      {"unnamed", false, files_unnamed(pf->files)},
      {"sampling", false, pf->sampling},
      {"hook_fexit", false, pagefault_uses(pf, SETTINGS_HOOKS_FEXIT)},
      {"hook_event", false, pagefault_uses(pf, SETTINGS_HOOKS_EVENT)},
  };

  for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
    take(arg, &list[i]);
  stats_of_function(pf, take, arg);
  if (pf->stall)
    stats_of_stalls(&kernel, take, arg);
}

static struct source pagefault_source(void *ctx) {
  struct pagefault *pf = ctx;

  return (struct source){.ctx = pf,
                         .slots_max = pf->slots_max,
                         .tells_stalled = pf->stall != NULL,
                         .harvest = pagefault_harvest,
                         .stats = pagefault_stats};
}

const struct probe pagefault_probe = {
    .name = "pagefault",
    .classes = groups_classes,
    .orders = &orders_files,
    .events = pagefault_hooks,
    .events_count = PAGEFAULT_HOOK_COUNT,
    .open = pagefault_open,
    .close = pagefault_close,
    .source = pagefault_source,
};
