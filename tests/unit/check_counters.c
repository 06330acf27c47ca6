// SPDX-License-Identifier: MIT
/* counters: sums of counters over CPUs. Mapping is tested with the real kernel.
 */
#include "kernel/counters.h"

#include "check_main.h"

enum { CPUS = 3, ELEMENTS = 2503 };

static uint64_t sums[ELEMENTS];

static void setup(void) {
  for (unsigned i = 0; i < ELEMENTS; i++)
    sums[i] = 0;
}

START_TEST(counters_sum_adds_up_each_element) {
  static uint64_t counters[CPUS][ELEMENTS];
  const struct counters_table table = {counters, sizeof(counters)};

  for (unsigned cpu = 0; cpu < CPUS; cpu++)
    for (unsigned i = 0; i < ELEMENTS; i++)
      counters[cpu][i] = (1ULL << 40) * cpu + i;
  for (int reads = 0; reads < 2; reads++) {
    counters_sum(&table, CPUS, ELEMENTS, sums);
    for (unsigned i = 0; i < ELEMENTS; i++)
      ck_assert_uint_eq(sums[i], (3ULL << 40) + 3 * i);
  }
}
END_TEST

/* Each counter wraps on its own, their sum wraps too. */
START_TEST(counters_on_goes_on_where_they_wrap) {
  static uint32_t counters[CPUS][ELEMENTS], now[ELEMENTS];
  const struct counters_table table = {counters, sizeof(counters)};
  uint64_t total = 0;

  for (int reads = 0; reads < 17; reads++) {
    for (unsigned i = 0; i < ELEMENTS; i++) {
      counters[0][i] += 0x30000001U + i;
      counters[1][i] += 0x4fff0000U;
      counters[2][i] += 2;
    }
    total += 0x30000001U + 0x4fff0000U + 2ULL;
    counters_now(&table, CPUS, ELEMENTS, now);
    for (unsigned i = 0; i < ELEMENTS; i++) {
      sums[i] = counters_on(sums[i], now[i]);
      ck_assert_uint_eq(sums[i], total + (uint64_t)(reads + 1) * i);
    }
  }
}
END_TEST

/* What is taken back on one CPU was counted on another, and may not be seen. */
START_TEST(counters_that_go_back_are_followed) {
  static const struct {
    uint32_t now;
    uint64_t sum;
  } reads[] = {{5, 5},
               {4, 4},
               {4, 4},
               {UINT32_MAX, UINT64_MAX},
               {2, 2},
               {INT32_MAX, INT32_MAX},
               {INT32_MAX, INT32_MAX}};

  for (size_t i = 0; i < ARRAY_SIZE(reads); i++) {
    sums[0] = counters_on(sums[0], reads[i].now);
    ck_assert_uint_eq(sums[0], reads[i].sum);
  }
}
END_TEST

/* Of two looks the lower one, but never less than before. */
START_TEST(counters_lower_and_higher_know_what_is_below_zero) {
  ck_assert_uint_eq(counters_lower(5, 4), 4);
  ck_assert_uint_eq(counters_lower(4, 5), 4);
  ck_assert_uint_eq(counters_lower(0, UINT32_MAX), UINT32_MAX);
  ck_assert_uint_eq(counters_higher(0, UINT64_MAX), 0);
  ck_assert_uint_eq(counters_higher(3, 4), 4);
  ck_assert_uint_eq(counters_higher(4, 3), 4);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      counters_sum_adds_up_each_element,
      counters_on_goes_on_where_they_wrap,
      counters_that_go_back_are_followed,
      counters_lower_and_higher_know_what_is_below_zero,
  };

  return suite_with("counters", setup, NULL, tests, ARRAY_SIZE(tests));
}
