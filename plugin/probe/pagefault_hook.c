// SPDX-License-Identifier: MIT
/* The page fault probe on one hook. */
#include "pagefault_hook.h"

#include "kernelinfo.h"
#include "log.h"
#include "pagefault_hooks.h"
#include "switches.h"

#include "pagefault.skel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Threads in a fault at a time for which the hash has room: all, or those whose
 * place in pf_direct is taken. */
#define STASHED_MAX 16384
#define STASHED_APART_MAX 4096

#define OWN_FAULTS 8

bool pagefault_hook_is(const struct pagefault *pf, enum settings_hooks kind) {
  return pf->hook->kind == kind;
}

static bool by_tracepoint(const struct pagefault *pf) {
  return pagefault_hook_is(pf, SETTINGS_HOOKS_TRACEPOINT);
}

/* Maps that the hook does not use are not made. */
static void size_stash(struct pagefault *pf) {
  bool stashes = pagefault_hooks_last(pf->hook) > 0;
  bool direct = stashes && pf->hook != &pagefault_old_kprobe;

  bpf_map__set_autocreate(pf->bpf->maps.pf_stash,
                          stashes && !by_tracepoint(pf));
  bpf_map__set_max_entries(pf->bpf->maps.pf_stash,
                           direct ? STASHED_APART_MAX : STASHED_MAX);
  bpf_map__set_autocreate(pf->bpf->maps.pf_direct, direct);
}

static void size_maps(struct pagefault *pf) {
  unsigned files = pf->slots_max - PF_SLOT_FILES;

  pf->bpf->rodata->pf_config.slots_max = pf->slots_max;
  bpf_map__set_max_entries(pf->bpf->maps.pf_files, files);
  bpf_map__set_max_entries(pf->bpf->maps.pf_free, files);
  bpf_map__set_max_entries(pf->bpf->maps.pf_slots, pf->slots_max);
  bpf_map__set_max_entries(pf->bpf->maps.pf_counts, pf->cpus * pf->slots_max);
  bpf_map__set_max_entries(pf->bpf->maps.pf_cpus, pf->cpus);
  size_stash(pf);
}

static int load(struct pagefault *pf) {
  LIBBPF_OPTS(bpf_object_open_opts, opts,
              .btf_custom_path = kernelinfo_btf_path(pf->btf));
  int err;

  pf->bpf = pagefault_bpf__open_opts(&opts);
  if (!pf->bpf)
    return -errno;
  size_maps(pf);
  attach_select_none(pf->bpf->obj);
  err = attach_select(pf->bpf->obj, pf->hook);
  return err ? err : pagefault_bpf__load(pf->bpf);
}

/* Where a probe of libbpf's tells it that the kernel has no global data, it
 * leaves them out and says nothing. */
static int open_stats(struct pagefault *pf) {
  if (!pf->bpf->bss)
    return -EOPNOTSUPP;
  return mprotect(pf->bpf->bss, sizeof(*pf->bpf->bss), PROT_READ) ? -errno : 0;
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

  pf->slots = slots_new(
      pf->slots_max,
      &(struct slots_kernel){.table = pf->slot_table.data,
                             .table_fd = bpf_map__fd(pf->bpf->maps.pf_slots),
                             .files_fd = bpf_map__fd(pf->bpf->maps.pf_files),
                             .free_fd = bpf_map__fd(pf->bpf->maps.pf_free)});
  pf->sums = calloc(pf->slots_max, sizeof(*pf->sums));
  if (!pf->slots || !pf->sums)
    return -ENOMEM;
  err =
      names_open(bpf_map__fd(pf->bpf->maps.pf_names), on_name, pf, &pf->names);
  return err ? err : slots_fill(pf->slots);
}

static int open_tables(struct pagefault *pf) {
  int err = walk_open(pf->bpf->maps.pf_slots, &pf->slot_table);

  if (!err)
    err = walk_open_frozen(pf->bpf->maps.pf_counts, &pf->count_table);
  if (!err)
    err = walk_open_frozen(pf->bpf->maps.pf_cpus, &pf->cpu_table);
  if (!err)
    err = open_stats(pf);
  return err ? err : open_slots(pf);
}

static int attach(struct pagefault *pf) {
  int err = 0;

  for (int i = 0; i < HOOK_PROGRAMS_MAX && pf->hook->programs[i] && !err; i++)
    err = attach_open(
        bpf_object__find_program_by_name(pf->bpf->obj, pf->hook->programs[i]),
        PAGEFAULT_FUNCTION, &pf->attached[i]);
  return err;
}

static void sum_all(struct pagefault *pf) {
  walk_sum(&pf->cpu_table, pf->cpus, sizeof(struct pf_cpu) / sizeof(uint64_t),
           (uint64_t *)&pf->cpu_sum);
  walk_add(&pf->count_table, pf->cpus,
           pf->slots_max * (sizeof(struct pf_count) / sizeof(uint32_t)),
           (uint64_t *)pf->sums);
  memcpy(pf->sums, pf->cpu_sum.fixed, sizeof(pf->cpu_sum.fixed));
  pf->total = 0;
  for (unsigned i = 0; i < pf->slots_max; i++)
    pf->total += pf->sums[i].minor + pf->sums[i].major;
}

static bool is_checked(const struct pagefault *pf) {
  return pf->own.kind != PAGEFAULT_OWN_NONE || by_tracepoint(pf);
}

/* The kernel's own count; with perf events' programs that of these events. */
static uint64_t read_own(const struct pagefault *pf) {
  uint64_t events = pagefault_own_read(&pf->own);

  for (int i = 0; i < HOOK_PROGRAMS_MAX; i++)
    events += perfcount_read(pf->attached[i].perf);
  return events;
}

/* Of what pgfault counts, all that the programs have seen. */
static uint64_t attempts_seen(const struct pagefault *pf) {
  uint64_t attempts = pf->total + pf->cpu_sum.failed;

  return pf->own.kind == PAGEFAULT_OWN_VMSTAT ? attempts
                                              : attempts + pf->cpu_sum.retried;
}

/* Of what read_own() reads, all that the programs have counted. */
static uint64_t counted(const struct pagefault *pf) {
  return pf->own.kind == PAGEFAULT_OWN_VMSTAT ? attempts_seen(pf)
                                              : pf->total - pf->cpu_sum.silent;
}

/* pgfault, which may have been read already. */
static uint64_t read_attempts(const struct pagefault *pf, uint64_t events) {
  if (by_tracepoint(pf))
    return 0;
  return pf->own.kind == PAGEFAULT_OWN_VMSTAT ? events
                                              : pagefault_own_attempts();
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
static void start_check(struct pagefault *pf, struct kernelinfo *info) {
  pagefault_own_open(&pf->own, info, pf->hook->kind);
  sum_all(pf);
  sum_all(pf);
  if (is_checked(pf))
    pagefault_missed_start(&pf->missed, read_own(pf), counted(pf));
  pagefault_watch_start(&pf->watch, pagefault_own_attempts(),
                        attempts_seen(pf));
}

static int open_hook(struct pagefault *pf, struct kernelinfo *info) {
  int err = load(pf);

  if (!err)
    err = open_tables(pf);
  if (!err)
    err = attach(pf);
  if (!err)
    start_check(pf, info);
  if (!err && !by_tracepoint(pf) && is_off(pf))
    err = -ENOLINK;
  return err;
}

/* The hook, or its form for old kernels. With fexit, those stash nothing. */
static const struct hook_candidate *form_of(const struct hook_candidate *hook,
                                            struct kernelinfo *info) {
  if (hook->kind != SETTINGS_HOOKS_KPROBE ||
      kernelinfo_exists(info, &pagefault_atomics))
    return hook;
  return &pagefault_old_kprobe;
}

int pagefault_hook_open(struct pagefault *pf, struct kernelinfo *info,
                        const struct hook_candidate *hook) {
  int err;

  log_libbpf_begin();
  pf->hook = form_of(hook, info);
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
  free(pf->sums);
  walk_close(&pf->slot_table);
  walk_close(&pf->count_table);
  walk_close(&pf->cpu_table);
  pagefault_bpf__destroy(pf->bpf);
  *pf = (struct pagefault){.cpus = pf->cpus,
                           .slots_max = pf->slots_max,
                           .btf = pf->btf,
                           .log = pf->log};
}

void pagefault_hook_read(struct pagefault *pf) {
  uint64_t events = is_checked(pf) ? read_own(pf) : 0;
  uint64_t attempts = read_attempts(pf, events);

  sum_all(pf);
  if (is_checked(pf))
    pagefault_missed_update(&pf->missed, events, counted(pf));
  if (!by_tracepoint(pf))
    watch(pf, attempts);
}

/* What missed its entry was counted, without its file: it is unattributed. The
 * kernel says how often it skipped the other program, attempts included: never
 * less than the faults that were missed, and none when none was. It does not
 * say so of a perf event's. */
uint64_t pagefault_hook_missed(struct pagefault *pf) {
  uint64_t skipped;

  if (by_tracepoint(pf))
    return pf->missed.sure;
  skipped = attach_missed(&pf->attached[pagefault_hooks_last(pf->hook)]);
  if (skipped > pf->skipped)
    pf->skipped = skipped;
  skipped = is_checked(pf) && pf->missed.sure < pf->skipped ? pf->missed.sure
                                                            : pf->skipped;
  return skipped + pf->watch.lost;
}
