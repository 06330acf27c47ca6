// SPDX-License-Identifier: MIT
/* perf: an event on each CPU, with CPUs that come and go. */
#include "kernel/perf.h"

#include "fake_perf.h"

static struct perf_counter *counter;

static void setup(void) {
  start_kernel();
  ck_assert_int_eq(
      perf_open(PERF_COUNT_SW_PAGE_FAULTS_MIN, PROGRAM_FD, &counter), 0);
}

static void teardown(void) {
  perf_close(counter);
  ck_assert_uint_eq(count_open(), 0);
}

START_TEST(perf_open_has_one_event_for_each_cpu) {
  static const int cpus[] = {0, 1, 3, 4};

  ck_assert_uint_eq(event_count, ARRAY_SIZE(cpus));
  ck_assert_uint_eq(perf_cpus(counter), CPUS);
  for (size_t i = 0; i < ARRAY_SIZE(cpus); i++) {
    ck_assert_int_eq(events[i].cpu, cpus[i]);
    ck_assert(events[i].open && events[i].attached && events[i].enabled);
    ck_assert_uint_eq(perf_period(counter, (unsigned)cpus[i]), 1);
  }
  ck_assert_uint_eq(perf_period(counter, HOLE), 0);
}
END_TEST

static void check_refused(unsigned long call) {
  struct perf_counter *none = NULL;
  unsigned open = count_open();

  refuse(call, 3, EACCES);
  ck_assert_int_eq(perf_open(PERF_COUNT_SW_PAGE_FAULTS_MIN, PROGRAM_FD, &none),
                   -EACCES);
  ck_assert_ptr_null(none);
  ck_assert_uint_eq(count_open(), open);
}

START_TEST(perf_open_that_is_refused_leaves_nothing) {
  check_refused(SYS_perf_event_open);
  check_refused(PERF_EVENT_IOC_SET_BPF);
  check_refused(PERF_EVENT_IOC_ENABLE);
}
END_TEST

START_TEST(perf_read_sums_all_cpus) {
  happen(0, 7, 1);
  happen(4, 1ULL << 40, 1);
  pass(1);
  ck_assert_uint_eq(perf_read(counter), (1ULL << 40) + 7);
  happen(1, 13, 1);
  pass(1);
  ck_assert_uint_eq(perf_read(counter), (1ULL << 40) + 20);
}
END_TEST

START_TEST(perf_rate_is_that_between_two_reads) {
  happen(0, 3000, 2);
  happen(1, 100, 4);
  pass(1);
  perf_read(counter);
  ck_assert_double_eq(perf_rate(counter, 0), 1000);
  ck_assert_double_eq(perf_rate(counter, 1), 20);
  ck_assert_double_eq(perf_rate(counter, 3), 0);
  ck_assert_double_eq(perf_rate(counter, HOLE), 0);
  happen(0, 50, 0);
  pass(5);
  perf_read(counter);
  ck_assert_double_eq(perf_rate(counter, 0), 10);
  ck_assert_double_eq(perf_rate(counter, 1), 0);
}
END_TEST

/* What it counted stays counted; the rest goes on. */
static void check_cpu_that_goes(void) {
  happen(3, 11, 1);
  happen(0, 2, 1);
  pass(1);
  ck_assert_uint_eq(perf_read(counter), 13);
  happen(3, 5, 0);
  go_offline(3);
  happen(0, 3, 1);
  pass(1);
  for (int reads = 0; reads < 5; reads++, pass(1))
    ck_assert_uint_eq(perf_read(counter), dead_cannot_be_read ? 16 : 21);
  ck_assert_uint_eq(perf_period(counter, 3), 0);
  ck_assert_double_eq(perf_rate(counter, 3), 0);
  ck_assert_uint_eq(count_open(), 3);
}

START_TEST(perf_read_keeps_what_a_cpu_counted_that_went) {
  check_cpu_that_goes();
}
END_TEST

START_TEST(perf_read_keeps_what_an_event_counted_that_cannot_be_read) {
  dead_cannot_be_read = true;
  check_cpu_that_goes();
}
END_TEST

/* Opening events is tried when CPUs change, not in each read. */
START_TEST(perf_read_follows_a_cpu_that_comes_back) {
  unsigned before;

  happen(3, 11, 1);
  pass(1);
  perf_read(counter);
  go_offline(3);
  pass(1);
  for (int reads = 0; reads < 3; reads++, pass(1))
    perf_read(counter);
  before = event_count;
  online[3] = true;
  ck_assert_uint_eq(perf_read(counter), 11);
  ck_assert_uint_eq(event_count, before + 1);
  ck_assert_uint_eq(perf_period(counter, 3), 1);
  happen(3, 17, 1);
  pass(1);
  ck_assert_uint_eq(perf_read(counter), 28);
  ck_assert_double_eq(perf_rate(counter, 3), 8.5);
}
END_TEST

/* Gone and back between two reads: its event is dead all the same. */
START_TEST(perf_read_replaces_an_event_that_died) {
  happen(3, 11, 1);
  pass(1);
  perf_read(counter);
  go_offline(3);
  online[3] = true;
  pass(1);
  ck_assert_uint_eq(perf_read(counter), 11);
  ck_assert_uint_eq(perf_period(counter, 3), 1);
  ck_assert_uint_eq(count_open(), 4);
  happen(3, 17, 1);
  pass(1);
  ck_assert_uint_eq(perf_read(counter), 28);
}
END_TEST

/* As one that is about to be online, or where descriptors are short. */
START_TEST(perf_read_tries_once_more_to_replace_an_event) {
  pass(1);
  perf_read(counter);
  go_offline(3);
  online[3] = true;
  refuse(SYS_perf_event_open, 3, EMFILE);
  pass(1);
  perf_read(counter);
  ck_assert_uint_eq(perf_period(counter, 3), 0);
  refuse(0, 0, 0);
  pass(1);
  perf_read(counter);
  ck_assert_uint_eq(perf_period(counter, 3), 1);
}
END_TEST

START_TEST(perf_read_finds_a_cpu_that_was_never_online) {
  perf_close(counter);
  online[1] = false;
  ck_assert_int_eq(
      perf_open(PERF_COUNT_SW_PAGE_FAULTS_MIN, PROGRAM_FD, &counter), 0);
  ck_assert_uint_eq(count_open(), 3);
  pass(1);
  perf_read(counter);
  online[1] = true;
  pass(1);
  perf_read(counter);
  ck_assert_uint_eq(count_open(), 4);
  happen(1, 19, 1);
  pass(1);
  ck_assert_uint_eq(perf_read(counter), 19);
}
END_TEST

START_TEST(perf_read_does_not_try_in_vain) {
  unsigned before;

  go_offline(3);
  for (int reads = 0; reads < 3; reads++, pass(1))
    perf_read(counter);
  before = tried;
  for (int reads = 0; reads < 3; reads++, pass(1))
    perf_read(counter);
  ck_assert_uint_eq(tried, before);
}
END_TEST

static const struct event *event_on(int cpu) {
  const struct event *event = NULL;

  for (unsigned i = 0; i < event_count; i++)
    if (events[i].open && events[i].cpu == cpu)
      event = &events[i];
  ck_assert_ptr_nonnull(event);
  return event;
}

/* The fake refuses a new period for an event that is enabled: the kernel takes
 * it into account only when it enables one. */
START_TEST(perf_set_period_is_of_one_cpu) {
  static const unsigned periods[] = {7, 1, 7};

  for (size_t i = 0; i < ARRAY_SIZE(periods); i++) {
    ck_assert_int_eq(perf_set_period(counter, 1, periods[i]), 0);
    ck_assert_uint_eq(perf_period(counter, 1), periods[i]);
    ck_assert_uint_eq(event_on(1)->period, periods[i]);
    ck_assert(event_on(1)->enabled);
    ck_assert_uint_eq(event_on(0)->period, 1);
  }
}
END_TEST

START_TEST(perf_set_period_that_is_refused_changes_nothing) {
  static const unsigned long calls[] = {PERF_EVENT_IOC_DISABLE,
                                        PERF_EVENT_IOC_PERIOD};

  for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
    refuse(calls[i], 1, EINVAL);
    ck_assert_int_eq(perf_set_period(counter, 1, 7), -EINVAL);
    ck_assert_uint_eq(perf_period(counter, 1), 1);
    ck_assert_uint_eq(event_on(1)->period, 1);
    ck_assert(event_on(1)->enabled);
  }
}
END_TEST

/* What cannot be enabled again is opened again. */
START_TEST(perf_set_period_that_stops_an_event_is_mended) {
  happen(1, 23, 1);
  pass(1);
  perf_read(counter);
  refuse(PERF_EVENT_IOC_ENABLE, 1, EINVAL);
  ck_assert_int_eq(perf_set_period(counter, 1, 7), -EINVAL);
  refuse(0, 0, 0);
  pass(1);
  ck_assert_uint_eq(perf_read(counter), 23);
  ck_assert_uint_eq(perf_period(counter, 1), 1);
  ck_assert(event_on(1)->enabled && event_on(1)->period == 1);
}
END_TEST

/* An event that took the place of one that sampled counts each. */
START_TEST(perf_period_of_a_new_event_is_one) {
  perf_set_period(counter, 3, 7);
  pass(1);
  perf_read(counter);
  go_offline(3);
  online[3] = true;
  pass(1);
  perf_read(counter);
  ck_assert_uint_eq(perf_period(counter, 3), 1);
  ck_assert_uint_eq(event_on(3)->period, 1);
}
END_TEST

START_TEST(perf_of_no_counter_is_nothing) {
  ck_assert_uint_eq(perf_read(NULL), 0);
  ck_assert_uint_eq(perf_cpus(NULL), 0);
  perf_close(NULL);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      perf_open_has_one_event_for_each_cpu,
      perf_open_that_is_refused_leaves_nothing,
      perf_read_sums_all_cpus,
      perf_rate_is_that_between_two_reads,
      perf_read_keeps_what_a_cpu_counted_that_went,
      perf_read_keeps_what_an_event_counted_that_cannot_be_read,
      perf_read_follows_a_cpu_that_comes_back,
      perf_read_replaces_an_event_that_died,
      perf_read_tries_once_more_to_replace_an_event,
      perf_read_finds_a_cpu_that_was_never_online,
      perf_read_does_not_try_in_vain,
      perf_set_period_is_of_one_cpu,
      perf_set_period_that_is_refused_changes_nothing,
      perf_set_period_that_stops_an_event_is_mended,
      perf_period_of_a_new_event_is_one,
      perf_of_no_counter_is_nothing,
  };

  return suite_with("perf", setup, teardown, tests, ARRAY_SIZE(tests));
}
