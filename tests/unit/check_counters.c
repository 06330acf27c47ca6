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
START_TEST(counters_continue_goes_on_where_they_wrap) {
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
    counters_sum_32(&table, CPUS, ELEMENTS, now);
    for (unsigned i = 0; i < ELEMENTS; i++) {
      sums[i] = counters_continue(sums[i], now[i]);
      ck_assert_uint_eq(sums[i], total + (uint64_t)(reads + 1) * i);
    }
  }
}
END_TEST

/* All growth is growth, up to the most that 32 bits can tell. */
START_TEST(counters_continue_takes_any_growth_for_growth) {
  static const uint32_t growths[] = {0, 1, 0x7fffffff, 0x80000007, UINT32_MAX};
  const uint64_t starts[] = {0, 5, UINT32_MAX, 1ULL << 40 | 3};

  for (size_t i = 0; i < ARRAY_SIZE(growths); i++)
    for (size_t j = 0; j < ARRAY_SIZE(starts); j++)
      ck_assert_uint_eq(
          counters_continue(starts[j], (uint32_t)starts[j] + growths[i]),
          starts[j] + growths[i]);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      counters_sum_adds_up_each_element,
      counters_continue_goes_on_where_they_wrap,
      counters_continue_takes_any_growth_for_growth,
  };

  return suite_with("counters", setup, NULL, tests, ARRAY_SIZE(tests));
}
