// SPDX-License-Identifier: MIT
/* Probes without a kernel, for collectds that stand for the hosts of a fleet.
 * They have what a default configuration publishes at most: 16 files and 8
 * caches, all classes and all statistics.
 *
 * Environment: FLEET_HOST, a number: counts depend on it, so that those of two
 * hosts are not taken for each other. FLEET_CHURN, if set: all files are others
 * in each read. FLEET_STEP: the plugin's clock goes by so many seconds a read.
 * FLEET_MISSED: so many events are missed in each read, by either probe.
 */

#undef clock_gettime /* module.c is compiled with ours under this name */
#include "core/groups.h"
#include "core/orders.h"
#include "kernel/features.h"
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* More than are published, so that "other" counts, too. */
enum { NAMES = 24, NAME_SIZE = 64, ROWS = NAMES + 8 };

struct kernel {
  const char *const *names, *const *classes;
  unsigned long reads, reads_max, missed, missed_each;
  uint64_t noise;
  bool churns;
  char new_names[NAMES][NAME_SIZE];
  struct source_row rows[ROWS];
};

static const char *const files[NAMES] = {
    "/usr/lib/x86_64-linux-gnu/libc.so.6",
    "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    "/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
    "/usr/lib/x86_64-linux-gnu/libsystemd.so.0.35.0",
    "/usr/lib/x86_64-linux-gnu/libpcre2-8.so.0.11.2",
    "/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30",
    "/usr/lib/postgresql/15/bin/postgres",
    "/usr/lib/systemd/systemd",
    "/usr/bin/bash",
    "/usr/bin/dash",
    "/usr/bin/perl",
    "/usr/bin/python3.11",
    "/usr/sbin/nginx",
    "/usr/sbin/cron",
    "/usr/sbin/collectd",
    "/usr/lib/locale/C.utf8/LC_CTYPE",
    "/usr/lib/git-core/git",
    "/usr/share/mime/mime.cache",
    "/var/lib/postgresql/15/main/base/16384/16397",
    "/var/lib/postgresql/15/main/base/16384/2619",
    "/var/log/journal/system.journal",
    "/srv/app/table.db",
    "/srv/app/index.db",
    "/opt/app/bin/server"};
static const char *const caches[NAMES] = {"kmalloc-8",
                                          "kmalloc-16",
                                          "kmalloc-32",
                                          "kmalloc-64",
                                          "kmalloc-96",
                                          "kmalloc-128",
                                          "kmalloc-256",
                                          "kmalloc-512",
                                          "kmalloc-1k",
                                          "dentry",
                                          "filp",
                                          "names_cache",
                                          "vm_area_struct",
                                          "anon_vma_chain",
                                          "anon_vma",
                                          "cred",
                                          "buffer_head",
                                          "ext4_inode_cache",
                                          "inode_cache",
                                          "lsm_file_cache",
                                          "radix_tree_node",
                                          "skbuff_head_cache",
                                          "task_struct",
                                          "pid"};
static const char *const object_classes[] = {"other", NULL};

static struct kernel fault_kernel = {.names = files, .classes = groups_classes};
static struct kernel object_kernel = {.names = caches,
                                      .classes = object_classes};

static const struct source_stat fault_stats[] = {
    {"events_missed", true, 0},      {"events_unfound", true, 0},
    {"events_untracked", true, 0},   {"faults_failed", true, 0},
    {"faults_retried", true, 0},     {"hook_event", false, 0},
    {"hook_fexit", false, 1},        {"names_lost", true, 0},
    {"sampling", false, 0},          {"stalls_above_262ms", true, 0},
    {"stalls_below_16ms", true, 0},  {"stalls_below_1ms", true, 0},
    {"stalls_below_256us", true, 0}, {"stalls_below_262ms", true, 0},
    {"stalls_below_4ms", true, 0},   {"stalls_below_64us", true, 0},
    {"stalls_below_66ms", true, 0},  {"stalls_unended", true, 0},
    {"stalls_unstarted", true, 0},   {"tracked", false, NAMES},
    {"tracked_max", false, 8192},    {"unnamed", false, 0}};
static const struct source_stat object_stats[] = {
    {"entry_points_uncounted", false, 0},
    {"events_missed", true, 0},
    {"events_untracked", true, 0},
    {"hook_fexit", false, 1},
    {"hook_kprobe", false, 0},
    {"hook_tracepoint", false, 1},
    {"tracked", false, NAMES},
    {"tracked_max", false, 511}};

static unsigned long number_of(const char *name) {
  const char *value = getenv(name);

  return value ? strtoul(value, NULL, 10) : 0;
}

/* For module.c, which reads the time before it reads the kernel. */
int fleet_clock(clockid_t id, struct timespec *ret_time);

int fleet_clock(clockid_t id, struct timespec *ret_time) {
  int err = clock_gettime(id, ret_time);

  ret_time->tv_sec += (time_t)(fault_kernel.reads * number_of("FLEET_STEP"));
  return err;
}

/* Knuth's MMIX. Counts that grow by the same in each read would let themselves
 * be compressed as no real ones do. */
static unsigned noise(struct kernel *kernel) {
  kernel->noise =
      kernel->noise * UINT64_C(6364136223846793005) + 1442695040888963407;
  return (unsigned)(kernel->noise >> 56);
}

#define WAIT_NS 500000

/* Other counts for each host and row. Those of a row differ by less than a
 * factor of two from read to read, by each order that places are dealt out by,
 * and as many objects are freed as allocated: so the same rows are published in
 * all reads. */
static void count(struct kernel *kernel, struct source_row *row,
                  const char *name, enum row_kind kind) {
  unsigned slot = (unsigned)(row - kernel->rows);
  unsigned first = 1009 + 31 * slot + noise(kernel);
  unsigned majors = 101 + 7 * slot + noise(kernel) / 4;

  row->slot = slot;
  row->kind = kind;
  row->name = name;
  row->event_size = 64;
  row->events[ROW_FIRST] += first;
  row->events[ROW_SECOND] += kernel == &object_kernel ? first : majors;
  if (kernel == &fault_kernel && (kind == ROW_ENTITY || !strcmp(name, "other")))
    row->stalled_ns += majors * WAIT_NS;
}

static const char *name_of(struct kernel *kernel, unsigned i) {
  if (!kernel->churns)
    return kernel->names[i];
  kernel->rows[i].owner++;
  snprintf(kernel->new_names[i], NAME_SIZE, "/srv/churn/read%lu-%u",
           kernel->reads, i);
  return kernel->new_names[i];
}

static int harvest(void *ctx,
                   void (*take)(void *arg, const struct source_row *row),
                   void *arg) {
  struct kernel *kernel = ctx;
  struct source_row *row = kernel->rows;

  if (kernel->reads_max && kernel->reads == kernel->reads_max)
    return -ENODATA;
  kernel->reads++;
  kernel->missed += kernel->missed_each;
  for (unsigned i = 0; i < NAMES; i++, row++) {
    count(kernel, row, name_of(kernel, i), ROW_ENTITY);
    take(arg, row);
  }
  for (const char *const *name = kernel->classes; *name; name++, row++) {
    count(kernel, row, *name, ROW_CLASS);
    take(arg, row);
  }
  return 0;
}

static void take_all(const struct kernel *kernel,
                     const struct source_stat *stats, size_t stats_count,
                     void (*take)(void *arg, const struct source_stat *stat),
                     void *arg) {
  for (size_t i = 0; i < stats_count; i++) {
    struct source_stat stat = stats[i];

    if (!strcmp(stat.name, "events_missed"))
      stat.value = (double)kernel->missed;
    take(arg, &stat);
  }
}

static void stats(void *ctx,
                  void (*take)(void *arg, const struct source_stat *stat),
                  void *arg) {
  if (ctx == &fault_kernel)
    take_all(ctx, fault_stats, COUNT_OF(fault_stats), take, arg);
  else
    take_all(ctx, object_stats, COUNT_OF(object_stats), take, arg);
}

static void open_kernel(struct kernel *kernel, void **ret_ctx) {
  kernel->noise = number_of("FLEET_HOST");
  kernel->reads_max = number_of("FLEET_READS");
  kernel->missed_each = number_of("FLEET_MISSED");
  for (unsigned i = 0; i < ROWS; i++)
    kernel->rows[i].owner = 1;
  *ret_ctx = kernel;
}

static int open_faults(const struct probe_options *options, void **ret_ctx) {
  (void)options;
  open_kernel(&fault_kernel, ret_ctx);
  fault_kernel.churns = getenv("FLEET_CHURN");
  return 0;
}

static int open_objects(const struct probe_options *options, void **ret_ctx) {
  (void)options;
  open_kernel(&object_kernel, ret_ctx);
  return 0;
}

static void close_kernel(void *ctx) {
  (void)ctx;
}

static struct source source(void *ctx) {
  return (struct source){.ctx = ctx,
                         .slots_max = ROWS,
                         .tells_stalled = ctx == &fault_kernel,
                         .harvest = harvest,
                         .stats = stats};
}

/* Somewhat above what is worth a name. */
static void held(void *ctx, source_take_held *take, void *arg) {
  const struct kernel *kernel = ctx;

  for (unsigned i = 0; i < NAMES; i++) {
    const struct source_row *row = &kernel->rows[i];
    uint64_t objects = 17011 + 31 * row->slot;

    take(arg, &(struct source_held){.name = row->name,
                                    .objects = objects,
                                    .bytes = objects * row->event_size,
                                    .object_size = row->event_size});
  }
}

static struct source source_of_objects(void *ctx) {
  struct source objects = source(ctx);

  objects.held = held;
  return objects;
}

const struct probe pagefault_probe = {.name = "pagefault",
                                      .classes = groups_classes,
                                      .orders = &orders_files,
                                      .open = open_faults,
                                      .close = close_kernel,
                                      .source = source};
const struct probe slab_probe = {.name = "slab",
                                 .classes = object_classes,
                                 .orders = &orders_caches,
                                 .open = open_objects,
                                 .close = close_kernel,
                                 .source = source_of_objects};

void features_forget(struct features *info) {
  (void)info;
}

void log_libbpf(const struct log *log) {
  (void)log;
}
