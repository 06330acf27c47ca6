// SPDX-License-Identifier: MIT
/* The page fault probe on one hook. */
#include "pagefault/hook.h"

#include "kernel/features.h"
#include "kernel/log.h"
#include "kernel/switches.h"
#include "pagefault/hooks.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/mman.h>

#define OWN_FAULTS 8

bool pagefault_hook_is(const struct pagefault *pf, enum settings_hooks kind) {
  return pf->hook->kind == kind;
}

static bool by_tracepoint(const struct pagefault *pf) {
  return pagefault_hook_is(pf, SETTINGS_HOOKS_TRACEPOINT);
}

static int on_name(void *ctx, void *data, size_t size) {
  const struct pagefault *pf = ctx;
  const struct pf_name *name = data;

  if (size >= sizeof(*name) && name->size <= size - sizeof(*name))
    slots_name(pf->slots, name, (const char *)(name + 1), name->size);
  return 0;
}

static int open_slots(struct pagefault *pf) {
  int err;

  pf->slots =
      slots_new(pf->slots_max,
                &(struct slots_kernel){
                    .table = pf->object.slots.data,
                    .stashed = pf->object.stashed,
                    .lines = pf->object.lines.lines,
                    .line_count = pf->object.lines.count,
                    .table_fd = pagefault_object_map(&pf->object, "pf_slots"),
                    .files_fd = pagefault_object_map(&pf->object, "pf_files"),
                    .free_fd = pagefault_object_map(&pf->object, "pf_free")});
  err = pagefault_sums_open(&pf->sums, pf->cpus, pf->slots_max,
                            by_tracepoint(pf));
  if (!pf->slots || err)
    return -ENOMEM;
  err = names_open(pagefault_object_map(&pf->object, "pf_names"), on_name, pf,
                   &pf->names);
  return err ? err : slots_fill(pf->slots);
}

static int open_object(struct pagefault *pf) {
  const struct pagefault_object_options options = {
      .hook = pf->hook,
      .btf = pf->btf,
      .cpus = pf->cpus,
      .config = {.slots_max = pf->slots_max}};

  return pagefault_object_open(&options, &pf->object);
}

static int attach(struct pagefault *pf) {
  int err = 0;

  for (int i = 0; i < HOOK_PROGRAMS_MAX && pf->hook->programs[i] && !err; i++)
    err = attach_open(
        bpf_object__find_program_by_name(pf->object.bpf, pf->hook->programs[i]),
        PAGEFAULT_FUNCTION, &pf->attached[i]);
  return err;
}

static void sum_all(struct pagefault *pf) {
  pagefault_sums_read(&pf->sums, &pf->object);
}

static uint64_t total(const struct pagefault *pf) {
  return pf->sums.total.minor + pf->sums.total.major;
}

/* Of what pgfault counts, all that the programs have seen. */
static uint64_t attempts_seen(const struct pagefault *pf) {
  uint64_t attempts = total(pf) + pf->sums.cpu.failed;

  return pf->own.kind == PAGEFAULT_OWN_VMSTAT ? attempts
                                              : attempts + pf->sums.cpu.retried;
}

/* Of what pagefault_own_read() reads, all that the programs have counted. */
static uint64_t counted(const struct pagefault *pf) {
  return pf->own.kind == PAGEFAULT_OWN_VMSTAT ? attempts_seen(pf)
                                              : total(pf) - pf->sums.cpu.silent;
}

static bool is_checked(const struct pagefault *pf) {
  return pf->own.kind != PAGEFAULT_OWN_NONE;
}

/* pgfault, which may have been read already. */
static uint64_t read_attempts(const struct pagefault *pf, uint64_t events) {
  return pf->own.kind == PAGEFAULT_OWN_VMSTAT ? events
                                              : pagefault_own_attempts();
}

/* What the kernel itself has counted: all faults, as minor, and the major ones,
 * on all CPUs that are online by now. */
static struct pf_sum read_kernel(const struct pagefault *pf) {
  struct pf_sum kernel = {.minor = pagefault_own_read(&pf->own)};

  for (int i = 0; i < HOOK_PROGRAMS_MAX; i++)
    kernel.major += perf_read(pf->attached[i].perf);
  kernel.minor -= kernel.major;
  return kernel;
}

/* What was counted before the hook was. */
static int start_rest(struct pagefault *pf) {
  pf->before = read_kernel(pf);
  sum_all(pf);
  pf->before.minor -= pf->sums.total.minor;
  pf->before.major -= pf->sums.total.major;
  return pf->own.kind == PAGEFAULT_OWN_VMSTAT ? 0 : -ENODATA;
}

static bool fault(void) {
  volatile char *page =
      mmap(/* addr = */ NULL, /* length = */ 1, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (page == MAP_FAILED)
    return false;
  *page = 1;
  munmap((void *)page, 1);
  return true;
}

/* Whether not even faults of our own are counted. More than one, as one may be
 * missed. */
static bool is_off(struct pagefault *pf) {
  int faults = pf->watch.off ? 1 : OWN_FAULTS;

  for (int i = 0; i < faults; i++) {
    if (attempts_seen(pf) != pf->watch.counted || !fault())
      return false;
    sum_all(pf);
  }
  return attempts_seen(pf) == pf->watch.counted;
}

static void watch(struct pagefault *pf, uint64_t attempts) {
  bool was_off = pf->watch.off;
  bool off = (was_off || attempts != pf->watch.raised) && is_off(pf);

  pagefault_watch_update(&pf->watch, attempts, attempts_seen(pf), off);
  if (off && !was_off)
    log_printf(&pf->log, LOG_LEVEL_ERROR,
               "pagefault: hook %s has been switched off: until 1 is written "
               "to " SWITCHES_KPROBES " and " SWITCHES_FTRACE
               ", faults are only in events_missed",
               settings_hooks_name(pf->hook->kind));
  if (!off && was_off)
    log_printf(&pf->log, LOG_LEVEL_INFO, "pagefault: hook %s is on again",
               settings_hooks_name(pf->hook->kind));
}

/* Summing for the first time faults itself. Here what the programs counted is
 * read first, so that nothing that comes in between looks missed ever after. */
static int start_check(struct pagefault *pf) {
  sum_all(pf);
  sum_all(pf);
  if (is_checked(pf))
    pagefault_missed_start(&pf->missed, pagefault_own_read(&pf->own),
                           counted(pf));
  pagefault_watch_start(&pf->watch, pagefault_own_attempts(),
                        attempts_seen(pf));
  return is_off(pf) ? -ENOLINK : 0;
}

static int open_hook(struct pagefault *pf, struct features *info) {
  int err = open_object(pf);

  if (!err)
    err = open_slots(pf);
  if (!err)
    err = attach(pf);
  if (err)
    return err;
  pagefault_own_open(&pf->own, info, pf->hook->kind);
  return by_tracepoint(pf) ? start_rest(pf) : start_check(pf);
}

static const struct hook_candidate *
tracepoint_form(const struct pagefault *pf, const struct hook_candidate *hook,
                struct features *info) {
  if (features_tracepoints_preempt(info))
    return &pagefault_preemptible_tracepoint;
  return pf->cpus > PF_LINE_CPUS ? &pagefault_plain_tracepoint : hook;
}

/* The hook, or its form for this kernel and machine. With fexit, old kernels
 * stash nothing. */
static const struct hook_candidate *form_of(const struct pagefault *pf,
                                            const struct hook_candidate *hook,
                                            struct features *info) {
  if (hook->kind == SETTINGS_HOOKS_TRACEPOINT)
    return tracepoint_form(pf, hook, info);
  if (hook->kind == SETTINGS_HOOKS_KPROBE &&
      !features_exists(info, &pagefault_atomics))
    return &pagefault_old_kprobe;
  return hook;
}

int pagefault_hook_open(struct pagefault *pf, struct features *info,
                        const struct hook_candidate *hook) {
  int err;

  log_libbpf_begin();
  pf->hook = form_of(pf, hook, info);
  err = open_hook(pf, info);
  if (err)
    pagefault_hook_close(pf);
  return err;
}

void pagefault_hook_close(struct pagefault *pf) {
  for (int i = 0; i < HOOK_PROGRAMS_MAX; i++)
    attach_close(&pf->attached[i]);
  pagefault_own_close(&pf->own);
  names_close(&pf->names);
  slots_free(pf->slots);
  pagefault_sums_close(&pf->sums);
  pagefault_object_close(&pf->object);
  *pf = (struct pagefault){.cpus = pf->cpus,
                           .slots_max = pf->slots_max,
                           .btf = pf->btf,
                           .log = pf->log};
}

static void read_checked(struct pagefault *pf) {
  uint64_t events = is_checked(pf) ? pagefault_own_read(&pf->own) : 0;
  uint64_t attempts = read_attempts(pf, events);

  sum_all(pf);
  if (is_checked(pf))
    pagefault_missed_update(&pf->missed, events, counted(pf));
  watch(pf, attempts);
}

/* The hook tracepoint sees faults on files. All others are what the kernel has
 * counted by then, and before the sums were made: so never too many. */
static void read_with_rest(struct pagefault *pf) {
  struct pf_sum kernel = read_kernel(pf);

  kernel.minor -= pf->before.minor;
  kernel.major -= pf->before.major;
  sum_all(pf);
  pagefault_sums_add_rest(&pf->sums, &kernel);
}

void pagefault_hook_read(struct pagefault *pf) {
  if (by_tracepoint(pf))
    read_with_rest(pf);
  else
    read_checked(pf);
}

/* What missed its entry was counted, without its file: it is unattributed. The
 * kernel says how often it skipped the other program, attempts included: never
 * less than the faults that were missed, and none when none was. */
uint64_t pagefault_hook_missed(struct pagefault *pf) {
  uint64_t skipped;

  if (by_tracepoint(pf))
    return 0;
  skipped = attach_missed(&pf->attached[pagefault_hooks_last(pf->hook)]);
  if (skipped > pf->skipped)
    pf->skipped = skipped;
  skipped = is_checked(pf) && pf->missed.sure < pf->skipped ? pf->missed.sure
                                                            : pf->skipped;
  return skipped + pf->watch.lost;
}

uint64_t pagefault_hook_unstashed(const struct pagefault *pf) {
  uint64_t events = pagefault_object_stats(&pf->object).stash_lost;

  if (!by_tracepoint(pf))
    return events;
  for (int i = 0; i < HOOK_PROGRAMS_MAX; i++)
    if (!pf->attached[i].perf)
      events += attach_missed(&pf->attached[i]);
  return events;
}
