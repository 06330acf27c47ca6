// SPDX-License-Identifier: MIT
/* held: what is held in a read, and what grows. */
#include "core/held.h"

#include "check_main.h"

static struct held held;
static uint32_t read;

static void setup(void) {
  held = (struct held){0};
  read = 0;
}

static void hold(uint64_t bytes) {
  held_add(&held, ++read,
           &(struct source_held){.objects = bytes / 64, .bytes = bytes});
}

START_TEST(held_add_sums_what_one_read_brings) {
  held_add(&held, 7, &(struct source_held){.objects = 3, .bytes = 192});
  held_add(&held, 7, &(struct source_held){.objects = 5, .bytes = 320});
  ck_assert_uint_eq(held.now.objects, 8);
  ck_assert_uint_eq(held.now.bytes, 512);
  ck_assert(held_is_of(&held, 7) && !held_is_of(&held, 8));
  held_add(&held, 8, &(struct source_held){.objects = 1, .bytes = 64});
  ck_assert_uint_eq(held.now.bytes, 64);
}
END_TEST

START_TEST(held_start_bytes_are_those_of_read_one) {
  const struct source_held more = {.objects = 3, .bytes = 192};
  struct held late = {0};

  held_add(&held, 1, &more);
  held_add(&held, 1, &more);
  held_add(&held, 2, &more);
  ck_assert_uint_eq(held.start_bytes, 384);
  held_add(&late, 2, &more);
  ck_assert_uint_eq(late.start_bytes, 0);
}
END_TEST

START_TEST(held_growth_of_a_leak_is_what_it_has_leaked) {
  for (int i = 0; i < 40; i++)
    hold((uint64_t)1000000 + i * 4096);
  /* Three reads behind, and less what the base has followed. */
  ck_assert_double_gt(held_growth(&held), 36 * 4096 * 0.8);
  ck_assert_double_lt(held_growth(&held), 38 * 4096);
}
END_TEST

/* A cache of whole pages moves once in many reads. */
START_TEST(held_growth_of_a_slow_leak_is_steady) {
  for (int i = 0; i < 100; i++)
    hold((uint64_t)8192 + i / 20 * 4096);
  ck_assert_double_gt(held_growth(&held), 3 * 4096 * 0.6);
}
END_TEST

START_TEST(held_growth_of_what_breathes_is_small) {
  for (int i = 0; i < 200; i++)
    hold(i / 5 % 2 ? 50000000 : 1000000);
  ck_assert_double_lt(held_growth(&held), 4000000);
  for (int i = 0; i < 4; i++)
    hold(1000000);
  ck_assert_double_eq(held_growth(&held), 0);
}
END_TEST

/* What was there at the start is no growth, nor is a burst of two reads. */
START_TEST(held_growth_starts_at_zero_and_ignores_bursts) {
  hold(77000000);
  hold(99000000);
  hold(77000000);
  ck_assert_double_eq(held_growth(&held), 0);
  for (int i = 0; i < 30; i++)
    hold(i % 3 ? 99000000 : 77000000);
  ck_assert_double_eq(held_growth(&held), 0);
}
END_TEST

/* A program that starts makes some caches grow, once or twice. */
START_TEST(held_growth_takes_three_rises) {
  for (uint64_t rise = 0; rise < 4; rise++) {
    for (int i = 0; i < 5; i++)
      hold(1000000 + rise * 8192);
    ck_assert((held_growth(&held) > 0) == (rise == 3));
  }
}
END_TEST

/* What has stopped growing long ago is no longer told. */
START_TEST(held_growth_is_forgotten) {
  double grown;

  for (int i = 0; i < 40; i++)
    hold((uint64_t)1000000 + i * 4096);
  grown = held_growth(&held);
  for (int i = 0; i < 900; i++)
    hold(1000000 + 40 * 4096);
  ck_assert_double_lt(held_growth(&held), grown / 50);
}
END_TEST

static uint64_t more[ROW_EVENT_COUNT];

/* A read in which so many objects are in use, after so many events. */
static void count(uint64_t objects, uint64_t allocs, uint64_t frees) {
  const struct source_held now = {
      .objects = objects, .slack = 100, .object_size = 64};
  const uint64_t events[ROW_EVENT_COUNT] = {
      [ROW_ALLOC] = allocs, [ROW_FREE] = frees};

  held_add(&held, ++read, &now);
  held_count(&held, true, events, more);
}

static void expect_more(uint64_t allocs, uint64_t frees) {
  ck_assert_uint_eq(more[ROW_ALLOC], allocs);
  ck_assert_uint_eq(more[ROW_FREE], frees);
}

/* What came before it was told first has no part in it. */
START_TEST(held_count_of_what_adds_up_tells_nothing) {
  count(5000, 7777, 1);
  expect_more(0, 0);
  for (int i = 1; i <= 20; i++) {
    count(5000 + i * 13, 1013, 1000);
    expect_more(0, 0);
  }
}
END_TEST

/* Within what CPUs keep, in use and free cannot be told apart. */
START_TEST(held_count_ignores_the_slack) {
  count(5000, 0, 0);
  for (int i = 1; i <= 20; i++) {
    count(i % 2 ? 5100 : 4900, 1000, 1000);
    expect_more(0, 0);
  }
}
END_TEST

START_TEST(held_count_tells_frees_that_nothing_counted) {
  count(5000, 0, 0);
  count(5000, 300, 0);
  expect_more(0, 0); /* one read may be torn */
  count(5000, 300, 0);
  expect_more(0, 300);
  /* From then on all but the slack is told at once. */
  count(5000, 300, 0);
  expect_more(0, 500);
  count(5000, 0, 0);
  expect_more(0, 100);
  /* What has looked missing was only late: it is not taken back. */
  count(5250, 0, 0);
  expect_more(0, 0);
  count(5000, 500, 250);
  expect_more(0, 150);
  count(5000, 0, 0);
  expect_more(0, 100);
}
END_TEST

START_TEST(held_count_tells_allocations_that_nothing_counted) {
  count(5000, 0, 0);
  count(5000, 0, 150);
  count(5000, 0, 0);
  expect_more(150, 0);
}
END_TEST

/* Events of a read that is told nothing wait for one that is. */
START_TEST(held_count_goes_on_after_reads_without) {
  const uint64_t events[ROW_EVENT_COUNT] = {[ROW_ALLOC] = 200};

  count(5000, 0, 0);
  for (int i = 0; i < 3; i++) {
    held_count(&held, false, events, more);
    expect_more(0, 0);
  }
  count(5000, 0, 0);
  count(5000, 0, 0);
  expect_more(0, 600);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      held_add_sums_what_one_read_brings,
      held_start_bytes_are_those_of_read_one,
      held_growth_of_a_leak_is_what_it_has_leaked,
      held_growth_of_a_slow_leak_is_steady,
      held_growth_of_what_breathes_is_small,
      held_growth_starts_at_zero_and_ignores_bursts,
      held_growth_takes_three_rises,
      held_growth_is_forgotten,
      held_count_of_what_adds_up_tells_nothing,
      held_count_ignores_the_slack,
      held_count_tells_frees_that_nothing_counted,
      held_count_tells_allocations_that_nothing_counted,
      held_count_goes_on_after_reads_without,
  };

  return suite_with("held", setup, NULL, tests, ARRAY_SIZE(tests));
}
