// SPDX-License-Identifier: MIT
/* check: what the kernel counts more than programs do. The kernel's counts are
 * fakes: /proc/vmstat a file, perf's those of two counters. */
#include "pagefault/check.h"

#include "kernel/features.h"
#include "kernel/log.h"
#include "kernel/perf.h"
#include "pagefault/counts.h"

#include "check_main.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

FILE *__wrap_fopen(const char *path, const char *mode);

static bool vmstat_counts_once; /* which kernels tell by the enum */
static const char *vmstat;      /* what the file has; NULL: cannot be opened */
static uint64_t minor_events, major_events;
static char said[512];

bool features_exists(void *ctx, const struct hook_need *need) {
  ck_assert_ptr_null(ctx);
  ck_assert_int_eq(need->kind, HOOK_NEEDS_VALUE);
  return vmstat_counts_once;
}

void log_printf(const struct log *log, enum log_level level, const char *format,
                ...) {
  va_list args;

  ck_assert_ptr_null(log);
  ck_assert_int_eq(level, LOG_LEVEL_WARNING);
  ck_assert_str_eq(said, "");
  va_start(args, format);
  vsnprintf(said, sizeof(said), format, args);
  va_end(args);
}

FILE *__wrap_fopen(const char *path, const char *mode) {
  ck_assert_str_eq(path, "/proc/vmstat");
  errno = EACCES;
  return vmstat ? fmemopen((char *)vmstat, strlen(vmstat), mode) : NULL;
}

/* Only their addresses are used. */
static char minor_counter, major_counter;
#define MINOR ((struct perf_counter *)&minor_counter)
#define MAJOR ((struct perf_counter *)&major_counter)

uint64_t perf_read(struct perf_counter *counter) {
  if (!counter)
    return 0;
  return counter == MINOR ? minor_events : major_events;
}

static struct pagefault_check check;
static struct pagefault_counts counts;

static void set_vmstat(unsigned long faults) {
  static char text[128];

  snprintf(text, sizeof(text),
           "pgalloc_dma 7\npgfaults 3\npgfault %lu\npgmajfault 5\n", faults);
  vmstat = text;
}

/* 1009 faults of before the start, of which programs have counted 503. */
static void start(bool by_events) {
  set_vmstat(1009);
  minor_events = major_events = 0;
  counts = (struct pagefault_counts){.counted = {.minor = 500, .major = 3}};
  pagefault_check_open(&check, pagefault_check_is_exact(NULL),
                       by_events ? MINOR : NULL, by_events ? MAJOR : NULL,
                       NULL);
  pagefault_check_read(&check);
  pagefault_check_start(&check, &counts);
}

static void setup(void) {
  vmstat_counts_once = true;
  said[0] = '\0';
}

/* A read, and another in which nothing has changed: what is missed is sure. */
static void update_twice(uint64_t pending) {
  for (int i = 0; i < 2; i++) {
    pagefault_check_read(&check);
    pagefault_check_update(&check, &counts, pending);
  }
}

static void update_once(void) {
  pagefault_check_read(&check);
  pagefault_check_update(&check, &counts, 0);
}

static void check_rest(uint64_t minor, uint64_t major) {
  ck_assert_uint_eq(check.rest.minor, minor);
  ck_assert_uint_eq(check.rest.major, major);
}

START_TEST(gap_is_the_difference_since_the_start) {
  struct pagefault_gap gap;

  pagefault_gap_start(&gap, 1009, 503);
  pagefault_gap_update(&gap, 1109, 603);
  ck_assert_uint_eq(gap.sure, 0);
  for (int i = 0; i < 2; i++)
    pagefault_gap_update(&gap, 1209, 696);
  ck_assert_uint_eq(gap.sure, 7);
}
END_TEST

/* A task was preempted between the kernel's count and the program's. */
START_TEST(gap_does_not_take_what_is_late_for_missed) {
  static const struct {
    uint64_t kernel, counted, sure;
  } reads[] = {{100, 97, 0}, {100, 100, 0}, {200, 199, 0}, {300, 299, 1}};
  struct pagefault_gap gap;

  pagefault_gap_start(&gap, 0, 0);
  for (size_t i = 0; i < ARRAY_SIZE(reads); i++) {
    pagefault_gap_update(&gap, reads[i].kernel, reads[i].counted);
    ck_assert_uint_eq(gap.sure, reads[i].sure);
  }
}
END_TEST

START_TEST(gap_never_goes_back) {
  static const struct {
    uint64_t kernel, counted, sure;
  } reads[] = {{100, 89, 0},   {100, 89, 11},  {200, 205, 11},
               {200, 189, 11}, {300, 287, 11}, {300, 287, 13}};
  struct pagefault_gap gap;

  pagefault_gap_start(&gap, 0, 0);
  for (size_t i = 0; i < ARRAY_SIZE(reads); i++) {
    pagefault_gap_update(&gap, reads[i].kernel, reads[i].counted);
    ck_assert_uint_eq(gap.sure, reads[i].sure);
  }
}
END_TEST

/* Programs may have counted before the start, and counters wrap. */
START_TEST(gap_start_may_be_anywhere) {
  struct pagefault_gap gap;

  pagefault_gap_start(&gap, 3, 1009);
  for (int i = 0; i < 2; i++)
    pagefault_gap_update(&gap, 10, 1011);
  ck_assert_uint_eq(gap.sure, 5);
  pagefault_gap_start(&gap, UINT64_MAX - 1, 0);
  for (int i = 0; i < 2; i++)
    pagefault_gap_update(&gap, 5, 4);
  ck_assert_uint_eq(gap.sure, 3);
}
END_TEST

/* By fexit pgfault is all that the kernel tells. */
START_TEST(check_by_vmstat_has_what_programs_missed) {
  start(false);
  update_twice(0);
  check_rest(0, 0);
  set_vmstat(1109);
  counts.counted.minor += 80;
  counts.counted.major += 9;
  update_twice(0);
  check_rest(11, 0);
  ck_assert_uint_eq(pagefault_check_missed(&check), 11);
}
END_TEST

/* pgfault counts those that ended in a signal, too, as programs do apart. */
START_TEST(check_by_vmstat_does_not_miss_what_failed) {
  start(false);
  set_vmstat(1109);
  counts.counted.minor += 83;
  counts.cpu.failed += 17;
  update_twice(0);
  check_rest(0, 0);
}
END_TEST

/* Events tell minor from major ones, pgfault has those without an event. Only
 * what raised an event should have been seen. */
START_TEST(check_splits_the_rest_by_events) {
  start(true);
  set_vmstat(1009 + 1000);
  minor_events = 700;
  major_events = 100;
  counts.counted.minor += 690;
  counts.counted.major += 97;
  update_twice(0);
  check_rest(1000 - 690 - 97 - 3, 3);
  ck_assert_uint_eq(pagefault_check_missed(&check), 13);
}
END_TEST

/* Faults without registers, which programs at a function count, raise none. */
START_TEST(check_knows_which_faults_raised_no_event) {
  start(true);
  set_vmstat(1009 + 1000);
  minor_events = 700;
  major_events = 100;
  counts.counted.minor += 700 + 180;
  counts.counted.major += 100 + 20;
  counts.cpu.silent = (struct pf_sum){.minor = 180, .major = 20};
  update_twice(0);
  check_rest(0, 0);
  ck_assert_uint_eq(pagefault_check_missed(&check), 0);
  counts.cpu.silent = (struct pf_sum){.minor = 187, .major = 31};
  update_twice(0);
  ck_assert_uint_eq(pagefault_check_missed(&check), 18);
}
END_TEST

/* Up to so many were raised for which no program has run yet. */
START_TEST(check_does_not_miss_what_a_sampled_event_has_yet_to_stand_for) {
  start(true);
  set_vmstat(1009 + 100);
  minor_events = 100;
  counts.counted.minor += 94;
  update_twice(6);
  check_rest(0, 0);
  ck_assert_uint_eq(pagefault_check_missed(&check), 0);
  update_twice(5);
  check_rest(1, 0);
  ck_assert_uint_eq(pagefault_check_missed(&check), 1);
}
END_TEST

/* Before 6.4 pgfault counts what is retried, too. */
START_TEST(check_without_vmstat_has_events) {
  vmstat_counts_once = false;
  start(true);
  ck_assert_str_eq(said, "");
  set_vmstat(999999);
  minor_events = 700;
  major_events = 100;
  counts.counted.minor += 690;
  counts.counted.major += 97;
  update_twice(0);
  check_rest(10, 3);
  ck_assert_uint_eq(pagefault_check_missed(&check), 13);
  start(false);
  set_vmstat(999999);
  update_twice(0);
  check_rest(0, 0);
  ck_assert_uint_eq(pagefault_check_missed(&check), 0);
}
END_TEST

/* Then what fexit missed while it was switched off is in pgfault alone;
 * attempts that sleep at other times are not missed. */
START_TEST(check_compares_attempts_while_the_hook_is_off) {
  vmstat_counts_once = false;
  start(false);
  set_vmstat(1009 + 31);
  counts.counted.minor += 11;
  counts.cpu.retried += 7;
  counts.cpu.failed += 2;
  update_twice(0);
  check_rest(0, 0);
  check.is_off = true;
  set_vmstat(1009 + 31 + 211);
  update_twice(0);
  check_rest(211, 0);
  set_vmstat(1009 + 31 + 211 + 5);
  update_once();
  check.is_off = false;
  update_once();
  check_rest(216, 0);
  update_twice(0);
  set_vmstat(1009 + 31 + 211 + 5 + 61);
  update_twice(0);
  check_rest(216, 0);
  ck_assert_uint_eq(pagefault_check_missed(&check), 216);
}
END_TEST

/* In a unit with ProcSubset=pid, say. */
START_TEST(check_says_that_vmstat_cannot_be_read) {
  vmstat = NULL;
  pagefault_check_open(&check, true, NULL, NULL, NULL);
  ck_assert(!check.by_vmstat);
  ck_assert_ptr_nonnull(strstr(said, "/proc/vmstat cannot be read"));
  ck_assert_ptr_nonnull(strstr(said, "Permission denied"));
  said[0] = '\0';
  vmstat = "pgfaults 3\npgmajfault 5\n";
  pagefault_check_open(&check, true, NULL, NULL, NULL);
  ck_assert(!check.by_vmstat);
  ck_assert_ptr_nonnull(strstr(said, "/proc/vmstat cannot be read"));
}
END_TEST

/* A read of it that fails misses nothing and forgets nothing. */
START_TEST(check_keeps_what_vmstat_told_last) {
  start(false);
  set_vmstat(1109);
  counts.counted.minor += 89;
  update_twice(0);
  check_rest(11, 0);
  vmstat = NULL;
  counts.counted.minor += 100;
  update_twice(0);
  check_rest(11, 0);
  set_vmstat(1209);
  update_twice(0);
  check_rest(11, 0);
}
END_TEST

/* Whatever comes late, no series that the rest is part of goes back. */
START_TEST(check_rest_only_grows) {
  struct pf_sum before;

  start(true);
  for (unsigned reads = 1; reads < 100; reads++) {
    before = check.rest;
    set_vmstat(1009 + 100UL * reads + reads * 31 % 17);
    minor_events = 90UL * reads + reads * 29 % 13;
    major_events = 10UL * reads + reads * 23 % 11;
    counts.counted.minor = 500 + 88UL * reads + reads * 19 % 23;
    counts.counted.major = 3 + 9UL * reads + reads * 7 % 5;
    pagefault_check_read(&check);
    pagefault_check_update(&check, &counts, reads % 3);
    ck_assert_uint_ge(check.rest.minor, before.minor);
    ck_assert_uint_ge(check.rest.major, before.major);
  }
  ck_assert_uint_gt(before.minor, 0);
  ck_assert_uint_gt(before.major, 0);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      gap_is_the_difference_since_the_start,
      gap_does_not_take_what_is_late_for_missed,
      gap_never_goes_back,
      gap_start_may_be_anywhere,
      check_by_vmstat_has_what_programs_missed,
      check_by_vmstat_does_not_miss_what_failed,
      check_splits_the_rest_by_events,
      check_knows_which_faults_raised_no_event,
      check_does_not_miss_what_a_sampled_event_has_yet_to_stand_for,
      check_without_vmstat_has_events,
      check_compares_attempts_while_the_hook_is_off,
      check_says_that_vmstat_cannot_be_read,
      check_keeps_what_vmstat_told_last,
      check_rest_only_grows,
  };

  return suite_with("check", setup, NULL, tests, ARRAY_SIZE(tests));
}
