// SPDX-License-Identifier: MIT
/* sampling: how many faults an event stands for, by the rate of each CPU. perf
 * is a fake. */
#include "pagefault/sampling.h"

#include "kernel/perf.h"

#include "check_main.h"

#include <errno.h>

enum { CPUS = 3, ABOVE = 1000, OFFLINE = 0 };

struct perf_counter {
  double rate[CPUS];
  unsigned period[CPUS]; /* OFFLINE: no event there */
  unsigned set;          /* how often a period was set */
  int error;
};

unsigned perf_cpus(const struct perf_counter *counter) {
  return counter ? CPUS : 0;
}

double perf_rate(const struct perf_counter *counter, unsigned cpu) {
  ck_assert_uint_lt(cpu, CPUS);
  return counter->rate[cpu];
}

unsigned perf_period(const struct perf_counter *counter, unsigned cpu) {
  ck_assert_uint_lt(cpu, CPUS);
  return counter->period[cpu];
}

int perf_set_period(struct perf_counter *counter, unsigned cpu,
                    unsigned period) {
  ck_assert_uint_ne(counter->period[cpu], OFFLINE);
  counter->set++;
  if (counter->error)
    return counter->error;
  counter->period[cpu] = period;
  return 0;
}

static struct perf_counter perf;
static unsigned sampling; /* CPUs */

static void setup(void) {
  perf = (struct perf_counter){.period = {1, 1, 1}};
  sampling = 0;
}

static void check_periods(unsigned first, unsigned second, unsigned third) {
  const unsigned expected[CPUS] = {first, second, third};
  unsigned sampled = 0;

  for (unsigned i = 0; i < CPUS; i++) {
    ck_assert_uint_eq(perf.period[i], expected[i]);
    sampled += expected[i] == SAMPLING_PERIOD;
  }
  ck_assert_uint_eq(sampling, sampled);
}

/* One CPU with very many does not change how others count. */
START_TEST(sampling_is_by_cpu) {
  perf.rate[1] = ABOVE + 1;
  perf.rate[2] = ABOVE;
  sampling = sampling_update(&perf, ABOVE);
  check_periods(1, 7, 1);
  perf.rate[0] = 1e9;
  sampling = sampling_update(&perf, ABOVE);
  check_periods(7, 7, 1);
  ck_assert_uint_eq(perf.set, 2);
}
END_TEST

/* A rate near the limit would change the period with each read. */
START_TEST(sampling_ends_below_half_of_the_rate) {
  static const double still[] = {ABOVE, ABOVE - 1, ABOVE / 2.0};

  perf.rate[1] = ABOVE + 1;
  sampling = sampling_update(&perf, ABOVE);
  for (size_t i = 0; i < ARRAY_SIZE(still); i++) {
    perf.rate[1] = still[i];
    sampling = sampling_update(&perf, ABOVE);
    check_periods(1, 7, 1);
  }
  ck_assert_uint_eq(perf.set, 1);
  perf.rate[1] = ABOVE / 2.0 - 1;
  sampling = sampling_update(&perf, ABOVE);
  check_periods(1, 1, 1);
  perf.rate[1] = ABOVE;
  sampling = sampling_update(&perf, ABOVE);
  check_periods(1, 1, 1);
  ck_assert_uint_eq(perf.set, 2);
}
END_TEST

START_TEST(sampling_leaves_offline_cpus_alone) {
  perf.period[2] = OFFLINE;
  perf.rate[0] = perf.rate[2] = ABOVE + 1;
  sampling = sampling_update(&perf, ABOVE);
  check_periods(7, 1, OFFLINE);
  perf.period[0] = OFFLINE;
  sampling = sampling_update(&perf, ABOVE);
  check_periods(OFFLINE, 1, OFFLINE);
}
END_TEST

/* One that came back has an event of its own, which counts each fault. */
START_TEST(sampling_begins_anew_where_a_cpu_came_back) {
  perf.rate[0] = ABOVE + 1;
  sampling = sampling_update(&perf, ABOVE);
  perf.period[0] = 1;
  perf.rate[0] = 0;
  sampling = sampling_update(&perf, ABOVE);
  check_periods(1, 1, 1);
}
END_TEST

/* What counts is what the event does, not what it should. */
START_TEST(sampling_that_is_refused_is_not_told) {
  perf.error = -EINVAL;
  perf.rate[1] = ABOVE + 1;
  sampling = sampling_update(&perf, ABOVE);
  check_periods(1, 1, 1);
  perf.error = 0;
  sampling = sampling_update(&perf, ABOVE);
  check_periods(1, 7, 1);
  perf.error = -EINVAL;
  perf.rate[1] = 0;
  sampling = sampling_update(&perf, ABOVE);
  check_periods(1, 7, 1);
}
END_TEST

START_TEST(sampling_never_begins_where_it_is_off) {
  perf.rate[0] = perf.rate[1] = perf.rate[2] = 1e12;
  sampling = sampling_update(&perf, 0);
  check_periods(1, 1, 1);
  sampling = sampling_update(NULL, ABOVE); /* hook fexit */
  check_periods(1, 1, 1);
  ck_assert_uint_eq(perf.set, 0);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      sampling_is_by_cpu,
      sampling_ends_below_half_of_the_rate,
      sampling_leaves_offline_cpus_alone,
      sampling_begins_anew_where_a_cpu_came_back,
      sampling_that_is_refused_is_not_told,
      sampling_never_begins_where_it_is_off,
  };

  return suite_with("sampling", setup, NULL, tests, ARRAY_SIZE(tests));
}
