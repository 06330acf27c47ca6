// SPDX-License-Identifier: MIT
/* Reads the kernel's own counts of faults, and compares. */
#include "pagefault/check.h"

#include "kernel/features.h"
#include "kernel/log.h"
#include "kernel/perf.h"
#include "pagefault/counts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define VMSTAT "/proc/vmstat"

/* Since 6.4 pgfault does not count retried faults (53156443a7f2); this flag is
 * as old. Before, pgfault counts a fault when it begins, and it may sleep then.
 */
static const struct hook_need need_vmstat = {HOOK_NEEDS_VALUE,
                                             "fault_flag.FAULT_FLAG_VMA_LOCK"};

/* The counters wrap alike, so their difference does not. */
static int64_t difference(uint64_t kernel, uint64_t counted) {
  return (int64_t)(kernel - counted);
}

void pagefault_gap_start(struct pagefault_gap *gap, uint64_t kernel,
                         uint64_t counted) {
  *gap = (struct pagefault_gap){.start = difference(kernel, counted)};
}

void pagefault_gap_update(struct pagefault_gap *gap, uint64_t kernel,
                          uint64_t counted) {
  int64_t now = difference(kernel, counted) - gap->start;
  int64_t both = now < gap->before ? now : gap->before;

  gap->before = now;
  if (both > 0 && (uint64_t)both > gap->sure)
    gap->sure = (uint64_t)both;
}

/* Takes the present difference as the start; what is sure stays. */
static void gap_ignore(struct pagefault_gap *gap, uint64_t kernel,
                       uint64_t counted) {
  gap->start = difference(kernel, counted) - (int64_t)gap->sure;
  gap->before = (int64_t)gap->sure;
}

/* Reads the number of faults, failed ones among them. 0 or -errno. */
static int read_vmstat(uint64_t *ret_faults) {
  FILE *file = fopen(VMSTAT, "re");
  int err = -ENODATA;
  char line[128];

  if (!file)
    return -errno;
  while (err && fgets(line, sizeof(line), file))
    if (sscanf(line, "pgfault %" SCNu64, ret_faults) == 1)
      err = 0;
  fclose(file);
  return err;
}

bool pagefault_check_is_exact(struct features *info) {
  return features_exists(info, &need_vmstat);
}

void pagefault_check_open(struct pagefault_check *check, bool is_exact,
                          struct perf_counter *minor,
                          struct perf_counter *major, const struct log *log) {
  int err;

  *check = (struct pagefault_check){.minor = minor, .major = major};
  if (!is_exact) {
    check->by_attempts = !minor && !read_vmstat(&check->faults);
    return;
  }
  err = read_vmstat(&check->faults);
  check->by_vmstat = !err;
  if (err)
    log_printf(log, LOG_LEVEL_WARNING,
               "pagefault: " VMSTAT " cannot be read (%s), so faults that no "
               "program sees are in no series; in a systemd unit "
               "ProcSubset=pid hides it",
               strerror(-err));
}

void pagefault_check_read(struct pagefault_check *check) {
  if (check->by_vmstat || check->by_attempts)
    (void)read_vmstat(&check->faults); /* else as it was: nothing is missed */
  check->events.minor = perf_read(check->minor);
  check->events.major = perf_read(check->major);
}

/* The number of faults that programs have seen, of those that pgfault counts.
 */
static uint64_t seen(const struct pagefault_check *check,
                     const struct pagefault_counts *counts) {
  return counts->counted.minor + counts->counted.major + counts->cpu.failed +
         (check->by_attempts ? counts->cpu.retried : 0);
}

/* The number of events that programs have counted, of those that were raised.
 */
static struct pf_sum seen_events(const struct pagefault_counts *counts) {
  const struct pf_sum *silent = &counts->cpu.silent;

  return (struct pf_sum){.minor = counts->counted.minor - silent->minor,
                         .major = counts->counted.major - silent->major};
}

void pagefault_check_start(struct pagefault_check *check,
                           const struct pagefault_counts *counts) {
  const struct pf_sum events = seen_events(counts);

  pagefault_gap_start(&check->all, check->faults, seen(check, counts));
  pagefault_gap_start(&check->gap_minor, check->events.minor, events.minor);
  pagefault_gap_start(&check->gap_major, check->events.major, events.major);
}

/* pgfault does not tell major faults apart. A fault that the events do not tell
 * either counts as minor. */
static void update_rest(struct pagefault_check *check) {
  struct pf_sum *rest = &check->rest;
  uint64_t all = check->all.sure;

  rest->major = check->gap_major.sure;
  if (check->minor && !check->by_vmstat)
    rest->minor = check->gap_minor.sure;
  else if (all > rest->minor + rest->major)
    rest->minor = all - rest->major;
}

/* An attempt may sleep for long between the kernel's count and the program's.
 * So attempts are compared only while programs are not called, and in two more
 * updates, which make the last of them sure. */
static void update_attempts(struct pagefault_check *check, uint64_t counted) {
  if (check->is_off)
    check->suspicion = 3;
  if (!check->suspicion) {
    gap_ignore(&check->all, check->faults, counted);
    return;
  }
  check->suspicion--;
  pagefault_gap_update(&check->all, check->faults, counted);
}

void pagefault_check_update(struct pagefault_check *check,
                            const struct pagefault_counts *counts,
                            uint64_t pending) {
  const struct pf_sum events = seen_events(counts);

  if (check->by_vmstat)
    pagefault_gap_update(&check->all, check->faults,
                         seen(check, counts) + pending);
  if (check->by_attempts)
    update_attempts(check, seen(check, counts));
  if (check->minor) {
    pagefault_gap_update(&check->gap_minor, check->events.minor,
                         events.minor + pending);
    pagefault_gap_update(&check->gap_major, check->events.major, events.major);
  }
  update_rest(check);
}

uint64_t pagefault_check_missed(const struct pagefault_check *check) {
  return check->minor ? check->gap_minor.sure + check->gap_major.sure
                      : check->all.sure;
}
