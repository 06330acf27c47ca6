// SPDX-License-Identifier: MIT
/* rank: who gets a place, who keeps it, and what a new name costs. */
#include "core/rank.h"

#include "check_main.h"
#include "ranked_entries.h"

#include <math.h>

START_TEST(rank_update_free_places_go_to_the_busiest) {
  start(3);
  touch(0, 5);
  touch(1, 11);
  touch(2, 3);
  touch(3, 13);
  update();
  ck_assert_str_eq(shown(), "0 1 3");
}
END_TEST

START_TEST(rank_update_ties_break_by_label) {
  start(3);
  for (int i = 0; i < 7; i++)
    touch((i * 3) % 7, 5);
  update();
  ck_assert_str_eq(shown(), "0 1 2");
}
END_TEST

START_TEST(rank_update_many_challengers_are_sorted) {
  start(7);
  for (int i = 0; i < ENTRIES; i++)
    touch((i * 1009) % ENTRIES, 1 + i % 97);
  for (int i = 100; i < 107; i++)
    entries[i]->delta.events[ROW_FIRST] = 1000;
  update();
  ck_assert_str_eq(shown(), "100 101 102 103 104 105 106");
}
END_TEST

START_TEST(rank_update_classes_are_not_ranked) {
  start(3);
  entries[1]->kind = ROW_CLASS;
  touch(0, 1);
  touch(1, 1000);
  update();
  ck_assert_str_eq(shown(), "0");
}
END_TEST

START_TEST(rank_update_zero_rows_shows_nothing) {
  start(0);
  touch(0, 1000);
  update();
  ck_assert_str_eq(shown(), "");
  ck_assert_uint_eq(rank_names_refused(rank), 0);
}
END_TEST

/* Events a second; reads whose length is not known are taken for 10 s long. */
START_TEST(rank_update_score_is_smoothed_by_half) {
  start(1);
  touch(0, 640);
  update();
  ck_assert_float_eq(entries[0]->rank.score[0], 32);
  touch(0, 640);
  update();
  ck_assert_float_eq(entries[0]->rank.score[0], 48);
  update_idle(2);
  touch(0, 20);
  update();
  ck_assert_float_eq(entries[0]->rank.score[0], 48.0 / 8 + 1);
}
END_TEST

/* A burst weighs the same, however often one reads. */
START_TEST(rank_update_score_is_by_time) {
  start(1);
  update();
  for (int i = 0; i < 100; i++) {
    now_ns += 100000000;
    touch(0, i < 50 ? 128 : 0);
    update();
  }
  ck_assert_float_eq_tol(entries[0]->rank.score[0],
                         1280 * (1 - sqrt(0.5)) * sqrt(0.5), 0.1);
}
END_TEST

/* Entry `i` finds `events` in a read: whether it is shown then. */
static bool wins(int i, uint64_t events) {
  touch(i, events);
  update();
  return entries[i]->rank.shown;
}

START_TEST(rank_update_place_is_kept_for_three_reads) {
  start(1);
  ck_assert(wins(0, 100));
  ck_assert(!wins(1, 100));
  ck_assert(!wins(1, 100));
  ck_assert(wins(1, 100));
  ck_assert(!entries[0]->rank.shown && rank_holds(&entries[0]->rank));
}
END_TEST

START_TEST(rank_update_sixteenfold_score_does_not_wait) {
  start(1);
  ck_assert(wins(0, 64)); /* it stands at 16, then 8 */
  ck_assert(!wins(1, 511));
  ck_assert(wins(2, 256));
}
END_TEST

/* The read after the first one publishes what the first found. */
START_TEST(rank_update_place_is_kept_until_it_is_published) {
  start(1);
  ck_assert(wins(0, 64));
  ck_assert(!wins(1, 1 << 20));
  ck_assert(wins(1, 1));
}
END_TEST

START_TEST(rank_update_challenger_needs_twice_the_score) {
  start(1);
  ck_assert(wins(0, 128));
  update_idle(2);
  /* It stands at 8, then 4, then 2; n events make a score of n / 2. */
  ck_assert(!wins(1, 31));
  ck_assert(!wins(2, 15));
  ck_assert(wins(3, 8));
}
END_TEST

START_TEST(rank_update_weakest_is_displaced) {
  start(3);
  touch(0, 100);
  touch(1, 10);
  touch(2, 100);
  update();
  update_idle(2);
  touch(3, 40);
  update();
  ck_assert_str_eq(shown(), "0 2 3");
}
END_TEST

START_TEST(rank_update_idle_entry_keeps_its_place_unchallenged) {
  start(3);
  touch(0, 1);
  update();
  update_idle(3001);
  ck_assert_str_eq(shown(), "0");
  touch(1, 1);
  update();
  ck_assert_str_eq(shown(), "0 1");
}
END_TEST

/* Lets each of the entries challenge the single place until it is shown or
 * `reads` are over. Returns how many were shown anew. */
static int parade(int from, int to, int reads) {
  int count = 0;

  for (int i = from; i < to; i++) {
    bool was_shown = entries[i]->rank.shown;

    for (int read = 0; read < reads && !entries[i]->rank.shown; read++) {
      touch(i, 1000);
      update();
      update_idle(20);
    }
    count += !was_shown && entries[i]->rank.shown;
  }
  return count;
}

START_TEST(rank_update_new_names_are_limited_to_budget) {
  start(1);
  ck_assert_int_eq(parade(0, 40, 1), 16);
  ck_assert_uint_eq(rank_names_refused(rank), 40 - 16);
}
END_TEST

START_TEST(rank_update_budget_grows_with_rows) {
  start(7);
  for (int i = 0; i < 7; i++)
    touch(i, 1);
  update();
  update_idle(60);
  for (int i = 7; i < 100; i++) {
    touch(i, 1000);
    update();
    update_idle(60);
  }
  ck_assert_uint_eq(rank_names_refused(rank), 100 - 4 * 7);
}
END_TEST

START_TEST(rank_update_budget_refills_with_time) {
  start(1);
  ck_assert_int_eq(parade(0, 20, 1), 16);
  now_ns += DAY_NS / 16 - 1;
  ck_assert_int_eq(parade(20, 25, 1), 0);
  now_ns += 1;
  ck_assert_int_eq(parade(25, 30, 1), 1);
  now_ns += DAY_NS / 2;
  ck_assert_int_eq(parade(30, 60, 1), 8);
  now_ns += 1000 * DAY_NS;
  ck_assert_int_eq(parade(60, 100, 1), 16);
}
END_TEST

START_TEST(rank_update_clock_that_stands_or_turns_back_refills_nothing) {
  start(1);
  ck_assert_int_eq(parade(0, 20, 1), 16);
  now_ns -= HOUR_NS;
  ck_assert_int_eq(parade(20, 40, 1), 0);
}
END_TEST

START_TEST(rank_update_known_name_costs_nothing) {
  start(1);
  ck_assert_int_eq(parade(0, 40, 1), 16);
  ck_assert_int_eq(parade(0, 16, 1), 16);
  ck_assert_int_eq(parade(0, 40, 1), 16);
}
END_TEST

START_TEST(rank_update_refused_name_does_not_block_known_one) {
  start(1);
  ck_assert_int_eq(parade(0, 40, 1), 16);
  touch(0, 1000);
  touch(50, 5000);
  touch(51, 5000);
  update();
  ck_assert_str_eq(shown(), "0");
  ck_assert_uint_eq(rank_names_refused(rank), 40 - 16 + 2);
}
END_TEST

/* One row: the budget is 16 a day and 1 + 16 * 16 names are remembered. */
START_TEST(rank_update_full_memory_drops_longest_unseen) {
  unsigned known = 0;

  start(1);
  for (int i = 0; i < 300; i++) {
    now_ns += DAY_NS;
    ck_assert_int_eq(parade(i, i + 1, 1), 1);
    if (i > 20)
      touch(7, 1);
  }
  for (int i = 0; i < 300; i++)
    known += entries[i]->rank.known;
  ck_assert_uint_eq(known, 257);
  ck_assert_msg(entries[7]->rank.known, "seen in every read");
  ck_assert(!entries[0]->rank.known && !entries[43]->rank.known);
  ck_assert(entries[44]->rank.known && entries[299]->rank.known);
}
END_TEST

START_TEST(rank_update_full_memory_keeps_shown_ones) {
  start(2);
  for (int i = 0; i < 300; i++) {
    now_ns += DAY_NS;
    touch(i, 1);
    update();
    /* Until all scores are 0: then the label protects e0000. */
    update_idle(1200);
  }
  ck_assert_str_eq(shown(), "0 299");
  ck_assert(!entries[1]->rank.known);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      rank_update_free_places_go_to_the_busiest,
      rank_update_ties_break_by_label,
      rank_update_many_challengers_are_sorted,
      rank_update_classes_are_not_ranked,
      rank_update_zero_rows_shows_nothing,
      rank_update_score_is_smoothed_by_half,
      rank_update_score_is_by_time,
      rank_update_place_is_kept_for_three_reads,
      rank_update_sixteenfold_score_does_not_wait,
      rank_update_place_is_kept_until_it_is_published,
      rank_update_challenger_needs_twice_the_score,
      rank_update_weakest_is_displaced,
      rank_update_idle_entry_keeps_its_place_unchallenged,
      rank_update_new_names_are_limited_to_budget,
      rank_update_budget_grows_with_rows,
      rank_update_budget_refills_with_time,
      rank_update_clock_that_stands_or_turns_back_refills_nothing,
      rank_update_known_name_costs_nothing,
      rank_update_refused_name_does_not_block_known_one,
      rank_update_full_memory_drops_longest_unseen,
      rank_update_full_memory_keeps_shown_ones,
  };

  return suite_with("rank", NULL, teardown, tests, ARRAY_SIZE(tests));
}
