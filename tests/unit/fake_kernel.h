/* SPDX-License-Identifier: MIT */
/* A kernel for the page fault probe as a whole: what plugin/kernel/ and the BPF
 * object are to it. For one file of tests only. */
#ifndef BPFMEM_FAKE_KERNEL_H
#define BPFMEM_FAKE_KERNEL_H

#include "kernel/attach.h"
#include "kernel/cpus.h"
#include "kernel/features.h"
#include "kernel/log.h"
#include "kernel/perf.h"
#include "kernel/refusal.h"
#include "pagefault/hooks.h"
#include "pagefault/object.h"

#include "check_main.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

FILE *__wrap_fopen(const char *path, const char *mode);

enum { CPUS = 2, FILES = 64, SLOTS = PF_SLOT_FILES + FILES };

/* What can fail when a hook is tried, in this order. */
enum step { LOADS, RING, MAPPINGS, MINOR, MAJOR, FUNCTION, STEPS };

/* Zero is a kernel that refuses all but the event by copies. */
static struct {
  bool fexit, rdonly_cast, preempts, is_off;
  /* A tracepoint at the start of waits, and whether it refuses the program. */
  bool start, start_fails;
  unsigned long faults; /* pgfault; 0: cannot be read */
  /* The hook whose step fails, as its place in the table. */
  unsigned failing_hook;
  enum step failing; /* STEPS: none */
  uint64_t minor, major, missed;
  unsigned rate;
  int read_error;
  /* The names that come with the next read. */
  const struct pf_name *record;
  size_t record_size;
  int late; /* so many times the name is not there yet */
  /* What is held of it. */
  unsigned objects, rings, counters, functions, starts;
  unsigned asked_whether_off, begun;
} kernel;

static struct pf_slot slots[SLOTS];
static struct pf_count files[CPUS * SLOTS];
static uint64_t stalled[SLOTS];
static struct pf_cpu cpus[CPUS];
static struct pf_stats stats;
static char said[2048];
static const struct hook_candidate *tried;

static inline int step(enum step which) {
  const struct hook_candidate *failing =
      &pagefault_hooks[PAGEFAULT_FAULT].candidates[kernel.failing_hook];

  errno = EINVAL + (int)which;
  return which == kernel.failing && tried == failing ? -errno : 0;
}

void log_printf(const struct log *log, enum log_level level, const char *format,
                ...) {
  size_t used = strlen(said);
  va_list args;

  (void)log;
  snprintf(said + used, sizeof(said) - used, "%d ", level);
  used = strlen(said);
  va_start(args, format);
  vsnprintf(said + used, sizeof(said) - used, format, args);
  va_end(args);
  strcat(said, "\n");
}

void log_libbpf_begin(void) {
}

int cpus_count(void) {
  return CPUS;
}

int features_read(struct features *info) {
  (void)info;
  return 0;
}

void features_rest(struct features *info) {
  (void)info;
}

bool features_exists(void *ctx, const struct hook_need *need) {
  (void)ctx;
  switch (need->kind) {
  case HOOK_NEEDS_FUNCTION:
    return kernel.fexit && !strcmp(need->name, PAGEFAULT_FUNCTION);
  case HOOK_NEEDS_TRACEPOINT:
    return kernel.start;
  case HOOK_NEEDS_KPROBE:
    return false;
  case HOOK_NEEDS_KFUNC:
    return kernel.rdonly_cast;
  case HOOK_NEEDS_NO_PREEMPTION:
    return !kernel.preempts;
  default:
    ck_assert_int_eq(need->kind, HOOK_NEEDS_VALUE);
    return true;
  }
}

int features_error(const struct features *info) {
  (void)info;
  return -EOPNOTSUPP;
}

bool features_are_off(enum settings_hooks kind) {
  ck_assert_int_eq(kind, SETTINGS_HOOKS_FEXIT);
  kernel.asked_whether_off++;
  return kernel.is_off;
}

void refusal_keep(struct refusal *refusal, const struct features *info,
                  const char *hook, int err, const struct log *log) {
  (void)info;
  refusal_tell(refusal, log);
  snprintf(refusal->text, sizeof(refusal->text), "%s %d", hook, err);
}

void refusal_tell(struct refusal *refusal, const struct log *log) {
  if (refusal->text[0])
    log_printf(log, LOG_LEVEL_INFO, "%s %s", refusal->probe, refusal->text);
  refusal->text[0] = '\0';
}

void refusal_report(const struct features *info, const char *probe,
                    enum settings_hooks hooks, int err, const struct log *log) {
  (void)info;
  log_printf(log, LOG_LEVEL_ERROR, "%s %s %d", probe,
             settings_hooks_name(hooks), err);
}

FILE *__wrap_fopen(const char *path, const char *mode) {
  static const char maps[] =
      "400000-401000 r-xp 00000000 fe:00 1 /bin/daemon\n";
  static char vmstat[64];

  if (!strcmp(path, "/proc/self/maps"))
    return fmemopen((char *)maps, strlen(maps), mode);
  ck_assert_str_eq(path, "/proc/vmstat");
  snprintf(vmstat, sizeof(vmstat), "pgfault %lu\n", kernel.faults);
  errno = EACCES;
  return kernel.faults ? fmemopen(vmstat, strlen(vmstat), mode) : NULL;
}

/* A program is its name. */
int bpf_program__fd(const struct bpf_program *program) {
  ck_assert_ptr_nonnull(program);
  return 7;
}

int pagefault_object_open(const struct pagefault_object_options *options,
                          struct pagefault_object *ret_object) {
  ck_assert_ptr_null(options->btf);
  ck_assert(options->cpus == CPUS && options->slots_max == SLOTS);
  ck_assert_int_eq(options->stall != NULL, kernel.start);
  tried = options->hook;
  *ret_object = (struct pagefault_object){
      .bpf = (struct bpf_object *)slots,
      .slots = {slots, sizeof(slots)},
      .counts = {files, sizeof(files)},
      .stalled = {stalled, sizeof(stalled)},
      .cpus = {cpus, sizeof(cpus)},
  };
  kernel.objects++;
  return step(LOADS);
}

void pagefault_object_close(struct pagefault_object *object) {
  if (object->bpf)
    kernel.objects--;
  *object = (struct pagefault_object){0};
}

void pagefault_object_begin(const struct pagefault_object *object) {
  ck_assert_ptr_nonnull(object->bpf);
  kernel.begun++;
}

int pagefault_object_map(const struct pagefault_object *object,
                         const char *name) {
  (void)object;
  (void)name;
  return 211;
}

struct bpf_program *
pagefault_object_program(const struct pagefault_object *object,
                         const char *name) {
  (void)object;
  return (struct bpf_program *)name;
}

struct pf_stats pagefault_object_stats(const struct pagefault_object *object) {
  (void)object;
  return stats;
}

/* Slots that are free, and files that leave the table. */
int bpf_map_update_elem(int fd, const void *key, const void *value,
                        __u64 flags) {
  (void)key;
  (void)value;
  return -(fd != 211 || flags);
}

int bpf_map_delete_elem(int fd, const void *key) {
  (void)key;
  return -(fd != 211);
}

static ring_buffer_sample_fn take_name;
static void *take_name_ctx;

struct ring_buffer *ring_buffer__new(int fd, ring_buffer_sample_fn take,
                                     void *ctx,
                                     const struct ring_buffer_opts *opts) {
  ck_assert(fd == 211 && !opts);
  if (step(RING))
    return NULL;
  take_name = take;
  take_name_ctx = ctx;
  kernel.rings++;
  return (struct ring_buffer *)slots;
}

int ring_buffer__consume(struct ring_buffer *ring) {
  ck_assert_ptr_eq(ring, slots);
  if (kernel.late) {
    kernel.late--;
    return kernel.read_error;
  }
  if (kernel.record)
    ck_assert_int_eq(
        take_name(take_name_ctx, (void *)kernel.record, kernel.record_size), 0);
  kernel.record = NULL;
  return kernel.read_error;
}

void ring_buffer__free(struct ring_buffer *ring) {
  if (ring)
    kernel.rings--;
}

/* Whether the walk finds the one mapping that there is. */
int bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *opts) {
  ck_assert_int_eq(fd, 7);
  opts->retval = 1;
  return step(MAPPINGS);
}

/* Only their addresses are used. */
static char minor_counter, major_counter;

int perf_open(uint64_t config, int program_fd, struct perf_counter **ret) {
  bool is_minor = config == PERF_COUNT_SW_PAGE_FAULTS_MIN;
  int err = step(is_minor ? MINOR : MAJOR);

  ck_assert_int_eq(program_fd, 7);
  if (err)
    return err;
  kernel.counters++;
  *ret = (struct perf_counter *)(is_minor ? &minor_counter : &major_counter);
  return 0;
}

void perf_close(struct perf_counter *counter) {
  if (counter)
    kernel.counters--;
}

uint64_t perf_read(struct perf_counter *counter) {
  if (!counter)
    return 0;
  return (char *)counter == &minor_counter ? kernel.minor : kernel.major;
}

/* One CPU, which samples above the rate. */
unsigned perf_sample(struct perf_counter *counter, unsigned above) {
  return counter && kernel.rate > above;
}

/* Only its address is used. */
static const char *start_program;

static inline int attach_start(struct bpf_program *program,
                               struct attachment *ret_attachment) {
  start_program = (const char *)program;
  ck_assert_str_eq(start_program, "pf_start_tracepoint");
  if (kernel.start_fails)
    return -ENODEV;
  ret_attachment->program = program;
  kernel.starts++;
  return 0;
}

int attach_open(struct bpf_program *program, const char *target,
                struct attachment *ret_attachment) {
  int err;

  if (!target)
    return attach_start(program, ret_attachment);
  err = step(FUNCTION);

  ck_assert_str_eq((const char *)program,
                   kernel.preempts ? "pf_silent_fexit" : "pf_fexit");
  ck_assert_str_eq(target, PAGEFAULT_FUNCTION);
  if (err)
    return err;
  ret_attachment->program = program;
  kernel.functions++;
  return 0;
}

void attach_close(struct attachment *attachment) {
  if (attachment->program && (char *)attachment->program == start_program)
    kernel.starts--;
  else if (attachment->program)
    kernel.functions--;
  *attachment = (struct attachment){0};
}

uint64_t attach_missed(struct attachment *attachment) {
  return attachment->program ? kernel.missed : 0;
}

#endif
