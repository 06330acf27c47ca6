// SPDX-License-Identifier: MIT
/* orders: places that several orders share. */
#include "core/orders.h"

#include "check_main.h"
#include "ranked_entries.h"

static double second_events(const struct tally_entry *entry) {
  return (double)entry->delta.events[ROW_SECOND];
}

static double held(const struct tally_entry *entry) {
  return (double)entry->delta.bytes[ROW_FIRST];
}

/* By those that wait, and by all; per second. */
static const struct rank_orders two = {
    2, {{second_events, true, 1}, {all_events, true, 10}}};

static void touch_both(int i, uint64_t first, uint64_t second) {
  touch(i, second);
  entries[i]->delta.events[ROW_FIRST] = first;
}

static void update_after(unsigned seconds) {
  now_ns += seconds * UINT64_C(1000000000);
  update();
}

/* The first read names nothing. */
static void start_two(unsigned rows_max) {
  start_with(rows_max, &two);
  update();
}

/* The busiest would have all places by one order. */
START_TEST(orders_deals_out_places_by_each_order) {
  start_two(4);
  for (int i = 0; i < 6; i++)
    touch_both(i, 1000 + i, 0);
  for (int i = 6; i < 9; i++)
    touch_both(i, 0, 10 + i);
  update_after(1);
  ck_assert_str_eq(shown(), "4 5 7 8");
}
END_TEST

START_TEST(orders_lends_places_and_takes_them_back) {
  start_two(4);
  for (int i = 0; i < 6; i++)
    touch_both(i, 1000 + i, 0);
  update_after(1);
  ck_assert_str_eq(shown(), "2 3 4 5");
  for (int i = 0; i < 6; i++)
    touch_both(i, 1000 + i, 0);
  update_after(1);
  for (int i = 0; i < 6; i++)
    touch_both(i, 1000 + i, 0);
  touch_both(7, 0, 50);
  update_after(1);
  ck_assert_str_eq(shown(), "3 4 5 7");
  /* No more than its share: two. */
  for (int i = 0; i < 6; i++)
    touch_both(i, 1000 + i, 0);
  for (int i = 7; i < 12; i++)
    touch_both(i, 0, 50);
  update_after(1);
  ck_assert_str_eq(shown(), "4 5 7 8");
}
END_TEST

/* What has stopped waiting makes room for any order. */
START_TEST(orders_unused_place_is_for_anyone) {
  start_two(2);
  touch_both(0, 0, 50);
  touch_both(1, 1000, 0);
  update_after(1);
  ck_assert_str_eq(shown(), "0 1");
  for (int i = 0; i < 12; i++) {
    touch_both(1, 1000, 0);
    touch_both(2, 900, 0);
    update_after(10);
  }
  ck_assert_str_eq(shown(), "1 2");
}
END_TEST

/* What has stopped waiting has most faults of all: it stays all the time. */
START_TEST(orders_place_unused_by_one_order_may_serve_another) {
  start_two(2);
  touch_both(0, 5000, 50);
  touch_both(1, 1000, 0);
  update_after(1);
  for (int i = 0; i < 20; i++) {
    touch_both(0, 5000, 0);
    touch_both(1, 1000, 0);
    touch_both(2, 900, 0);
    update_after(10);
    ck_assert_str_eq(shown(), "0 1");
  }
  /* Who has more use for the place takes it, even if it is by little. */
  for (int i = 0; i < 7; i++) {
    touch_both(0, 5000, 0);
    touch_both(1, 4500, 0);
    touch_both(2, 6000, 0);
    update_after(10);
  }
  ck_assert_str_eq(shown(), "1 2");
}
END_TEST

/* How long the first read took is not known. */
START_TEST(orders_first_read_names_nothing_that_has_to_be_worth_it) {
  start_with(1, &two);
  touch_both(0, 1000000, 1000000);
  update();
  ck_assert_str_eq(shown(), "");
  touch_both(0, 0, 3);
  update_after(1);
  ck_assert_str_eq(shown(), "0");
}
END_TEST

/* Nine of the 16 names of a day, whose places are idle then. */
static void spend_half(void) {
  for (int i = 1000; i < 1009; i++) {
    touch_both(i, 1000000, 0);
    update_after(100);
    ck_assert(entries[i]->rank.shown);
  }
  update_after(1000);
}

/* A fiftieth of the rate is enough. */
START_TEST(orders_new_name_is_cheap_while_all_are_left) {
  start_two(3);
  touch_both(0, 5, 0);
  touch_both(1, 3, 0);
  update_after(10);
  ck_assert_str_eq(shown(), "0");
}
END_TEST

/* At a steady rate; in one read alone twice as much. */
START_TEST(orders_new_name_has_to_be_worth_it) {
  start_two(3);
  spend_half();
  touch_both(0, 199, 0);
  touch_both(1, 201, 0);
  touch_both(2, 0, 21);
  update_after(10);
  ck_assert(!entries[0]->rank.shown);
  ck_assert(entries[1]->rank.shown && entries[2]->rank.shown);
  ck_assert_uint_eq(rank_names_refused(rank), 0);
  /* A known one comes back for less. */
  entries[0]->rank.known = true;
  touch_both(0, 1, 0);
  update_after(10);
  ck_assert_str_eq(shown(), "0 1 2");
}
END_TEST

/* A third of 16 names a day with one row is for what waits. */
START_TEST(orders_keeps_a_part_of_the_budget_for_the_first_order) {
  int named = 0;

  start_two(1);
  for (int i = 0; i < 40; i++) {
    touch_both(i, 1000, 0);
    update_after(1);
    named += entries[i]->rank.shown;
    update_idle(20);
  }
  ck_assert_int_eq(named, 10);
  ck_assert_uint_eq(rank_names_refused(rank), 30);
  for (int i = 100; i < 140; i++) {
    touch_both(i, 0, 1000);
    update_after(1);
    named += entries[i]->rank.shown;
    update_idle(20);
  }
  ck_assert_int_eq(named, 16);
}
END_TEST

/* It is no newcomer then: its series has no gap. */
START_TEST(orders_displaced_entry_may_stay_by_another_order) {
  start_two(2);
  touch_both(0, 0, 200);
  touch_both(1, 1000, 2);
  update_after(1);
  ck_assert_str_eq(shown(), "0 1");
  for (int i = 0; i < 24; i++) {
    touch_both(0, 0, 2);
    touch_both(1, 1000, 40);
    touch_both(2, i < 12 ? 0 : 100000, 0);
    update_after(10);
    ck_assert(entries[1]->rank.shown);
  }
  ck_assert_str_eq(shown(), "1 2");
  ck_assert(!rank_is_new(rank, entries[1]));
  ck_assert_uint_eq(entries[1]->rank.since_read, 2);
}
END_TEST

/* As it was told last; what is told no more, as its cache is destroyed, has a
 * place until another wants it. */
START_TEST(orders_weight_that_is_no_rate_stays_a_while) {
  start_with(1, &(struct rank_orders){1, {{held, false, 100}}});
  touch(0, 0);
  entries[0]->delta.bytes[ROW_FIRST] = 99;
  update();
  ck_assert_str_eq(shown(), "");
  touch(1, 0);
  entries[1]->delta.bytes[ROW_FIRST] = 1000;
  update();
  update_idle(1);
  touch(2, 0);
  entries[2]->delta.bytes[ROW_FIRST] = 1999;
  update();
  ck_assert_str_eq(shown(), "1");
  update_idle(1);
  ck_assert_str_eq(shown(), "1");
  touch(2, 0);
  entries[2]->delta.bytes[ROW_FIRST] = 101;
  update();
  ck_assert_str_eq(shown(), "2");
}
END_TEST

START_TEST(orders_of_files_are_waits_then_all_faults) {
  start_with(2, &orders_files);
  update();
  spend_half();
  touch_both(0, 2000, 0);
  touch_both(1, 1000, 0);
  touch_both(2, 0, 21);
  touch_both(3, 0, 19); /* less than two a second in one read */
  update_after(10);
  ck_assert_str_eq(shown(), "0 2");
}
END_TEST

START_TEST(orders_of_caches_are_by_objects) {
  start_with(2, &orders_caches);
  update();
  spend_half();
  touch_both(0, 199, 0); /* less than 20 a second in one read */
  touch_both(1, 101, 102);
  update_after(10);
  ck_assert(!entries[0]->rank.shown && entries[1]->rank.shown);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      orders_deals_out_places_by_each_order,
      orders_lends_places_and_takes_them_back,
      orders_unused_place_is_for_anyone,
      orders_place_unused_by_one_order_may_serve_another,
      orders_first_read_names_nothing_that_has_to_be_worth_it,
      orders_new_name_is_cheap_while_all_are_left,
      orders_new_name_has_to_be_worth_it,
      orders_keeps_a_part_of_the_budget_for_the_first_order,
      orders_displaced_entry_may_stay_by_another_order,
      orders_weight_that_is_no_rate_stays_a_while,
      orders_of_files_are_waits_then_all_faults,
      orders_of_caches_are_by_objects,
  };

  return suite_with("orders", NULL, teardown, tests, ARRAY_SIZE(tests));
}
