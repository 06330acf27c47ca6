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

enum { ABOVE = 1000 };

/* NULL: none. */
static const struct event *event_on(int cpu) {
  for (unsigned i = 0; i < event_count; i++)
    if (events[i].open && events[i].cpu == cpu)
      return &events[i];
  return NULL;
}

static void check_period(int cpu, unsigned period) {
  const struct event *event = event_on(cpu);

  ck_assert_ptr_nonnull(event);
  ck_assert(event->enabled && !event->dead);
  ck_assert_uint_eq(event->period, period);
}

/* So many events on a CPU in one second, seen by a read. */
static unsigned sample_after(int cpu, unsigned count) {
  pass(1);
  happen(cpu, count, 0);
  perf_read(counter);
  return perf_sample(counter, ABOVE);
}

START_TEST(perf_open_has_one_event_for_each_cpu) {
  static const int cpus[] = {0, 1, 3, 4};

  ck_assert_uint_eq(event_count, ARRAY_SIZE(cpus));
  for (size_t i = 0; i < ARRAY_SIZE(cpus); i++) {
    ck_assert_int_eq(events[i].cpu, cpus[i]);
    ck_assert(events[i].open && events[i].attached && events[i].enabled);
    check_period(cpus[i], 1);
  }
  ck_assert_ptr_null(event_on(HOLE));
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

/* One CPU with very many does not change how others count. */
START_TEST(perf_sample_is_by_the_rate_between_two_reads) {
  happen(0, 3 * ABOVE, 2);
  happen(1, 5 * ABOVE + 5, 4);
  pass(1);
  perf_read(counter);
  ck_assert_uint_eq(perf_sample(counter, ABOVE), 1);
  check_period(0, 1);
  check_period(1, 7);
  check_period(3, 1);
  ck_assert_uint_eq(sample_after(0, ABOVE + 1), 1);
  check_period(0, 7);
  check_period(1, 1);
}
END_TEST

/* A rate near the limit would change the period with each read. */
START_TEST(perf_sample_ends_below_half_of_the_rate) {
  static const unsigned still[] = {ABOVE, ABOVE - 1, ABOVE / 2};

  sample_after(1, ABOVE + 1);
  for (size_t i = 0; i < ARRAY_SIZE(still); i++) {
    ck_assert_uint_eq(sample_after(1, still[i]), 1);
    check_period(1, 7);
  }
  ck_assert_uint_eq(sample_after(1, ABOVE / 2 - 1), 0);
  check_period(1, 1);
  ck_assert_uint_eq(sample_after(1, ABOVE), 0);
  check_period(1, 1);
}
END_TEST

START_TEST(perf_sample_never_begins_where_it_is_off) {
  pass(1);
  happen(0, 1U << 31, 0);
  perf_read(counter);
  ck_assert_uint_eq(perf_sample(counter, 0), 0);
  check_period(0, 1);
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
  ck_assert_uint_eq(perf_sample(counter, 1), 0);
  ck_assert_ptr_null(event_on(3));
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
  check_period(3, 1);
  happen(3, 17, 1);
  pass(1);
  ck_assert_uint_eq(perf_read(counter), 28);
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
  check_period(3, 1);
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
  ck_assert_ptr_null(event_on(3));
  refuse(0, 0, 0);
  pass(1);
  perf_read(counter);
  check_period(3, 1);
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

/* The fake refuses a new period for an event that is enabled: the kernel takes
 * it into account only when it enables one. */
START_TEST(perf_sample_that_is_refused_changes_nothing) {
  static const unsigned long calls[] = {PERF_EVENT_IOC_DISABLE,
                                        PERF_EVENT_IOC_PERIOD};

  for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
    refuse(calls[i], 1, EINVAL);
    ck_assert_uint_eq(sample_after(1, ABOVE + 1), 0);
    check_period(1, 1);
    refuse(0, 0, 0);
    ck_assert_uint_eq(sample_after(1, ABOVE + 1), 1);
    check_period(1, 7);
    refuse(calls[i], 1, EINVAL);
    ck_assert_uint_eq(sample_after(1, 0), 1);
    check_period(1, 7);
    refuse(0, 0, 0);
    ck_assert_uint_eq(sample_after(1, 0), 0);
  }
}
END_TEST

/* What cannot be enabled again is opened again. */
START_TEST(perf_sample_that_stops_an_event_is_mended) {
  refuse(PERF_EVENT_IOC_ENABLE, 1, EINVAL);
  ck_assert_uint_eq(sample_after(1, ABOVE + 1), 0);
  refuse(0, 0, 0);
  pass(1);
  ck_assert_uint_eq(perf_read(counter), ABOVE + 1);
  check_period(1, 1);
}
END_TEST

/* One that took the place of one that sampled counts each. */
START_TEST(perf_sample_begins_anew_with_a_new_event) {
  ck_assert_uint_eq(sample_after(3, ABOVE + 1), 1);
  go_offline(3);
  online[3] = true;
  ck_assert_uint_eq(sample_after(0, 0), 0);
  check_period(3, 1);
}
END_TEST

START_TEST(perf_of_no_counter_is_nothing) {
  ck_assert_uint_eq(perf_read(NULL), 0);
  ck_assert_uint_eq(perf_sample(NULL, ABOVE), 0);
  perf_close(NULL);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      perf_open_has_one_event_for_each_cpu,
      perf_open_that_is_refused_leaves_nothing,
      perf_read_sums_all_cpus,
      perf_sample_is_by_the_rate_between_two_reads,
      perf_sample_ends_below_half_of_the_rate,
      perf_sample_never_begins_where_it_is_off,
      perf_read_keeps_what_a_cpu_counted_that_went,
      perf_read_keeps_what_an_event_counted_that_cannot_be_read,
      perf_read_follows_a_cpu_that_comes_back,
      perf_read_replaces_an_event_that_died,
      perf_read_tries_once_more_to_replace_an_event,
      perf_read_finds_a_cpu_that_was_never_online,
      perf_read_does_not_try_in_vain,
      perf_sample_that_is_refused_changes_nothing,
      perf_sample_that_stops_an_event_is_mended,
      perf_sample_begins_anew_with_a_new_event,
      perf_of_no_counter_is_nothing,
  };

  return suite_with("perf", setup, teardown, tests, ARRAY_SIZE(tests));
}
