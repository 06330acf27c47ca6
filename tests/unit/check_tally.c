// SPDX-License-Identifier: MIT
/* tally: deltas of slots whose owners come and go. */
#include "core/tally.h"

#include "check_main.h"
#include "count_allocs.h"

#include <stdio.h>

#define SLOTS 7

static struct tally *tally;

static void setup(void) {
  tally = tally_new(SLOTS);
  ck_assert_ptr_nonnull(tally);
}

static void teardown(void) {
  tally_free(tally);
  tally = NULL;
}

static struct tally_entry *entity(const char *label) {
  struct tally_entry *entry = tally_entry(tally, label, ROW_ENTITY);

  ck_assert_ptr_nonnull(entry);
  return entry;
}

static void count(unsigned slot, uint64_t first, uint64_t second) {
  const uint64_t events[ROW_EVENT_COUNT] = {first, second};

  tally_count(tally, &(struct source_row){.slot = slot,
                                          .events = {events[0], events[1]}});
}

static void expect_delta(const struct tally_entry *entry, uint64_t first,
                         uint64_t second) {
  ck_assert_uint_eq(entry->delta.events[ROW_FIRST], first);
  ck_assert_uint_eq(entry->delta.events[ROW_SECOND], second);
}

static unsigned count_touched(void) {
  unsigned touched = 0;

  for (struct tally_entry *e = tally_touched(tally); e; e = e->next_touched)
    touched++;
  return touched;
}

START_TEST(tally_entry_same_label_is_same_entry) {
  struct tally_entry *entry = entity("a");

  ck_assert_ptr_eq(entity("a"), entry);
  ck_assert_ptr_eq(tally_find(tally, "a"), entry);
  ck_assert_ptr_null(tally_find(tally, "b"));
  ck_assert_uint_eq(tally_size(tally), 1);
}
END_TEST

START_TEST(tally_entry_thousands_are_all_found) {
  char label[LABEL_SIZE];

  for (int i = 0; i < 4999; i++) {
    snprintf(label, sizeof(label), "name-%d", i);
    entity(label)->total.events[ROW_FIRST] = i;
  }
  ck_assert_uint_eq(tally_size(tally), 4999);
  for (int i = 0; i < 4999; i++) {
    snprintf(label, sizeof(label), "name-%d", i);
    ck_assert_uint_eq(tally_find(tally, label)->total.events[ROW_FIRST], i);
  }
}
END_TEST

/* Whether the entry was refused with room for `allocs` allocations. */
static bool is_refused(const char *label, unsigned long allocs) {
  unsigned size = tally_size(tally);
  struct tally_entry *entry;

  count_allocs_fail_after(allocs);
  entry = tally_entry(tally, label, ROW_ENTITY);
  count_allocs_fail(false);
  if (entry)
    return false;
  ck_assert_uint_eq(tally_size(tally), size);
  ck_assert_ptr_null(tally_find(tally, label));
  return true;
}

/* The first name takes three allocations, one at which the table grows two. */
START_TEST(tally_entry_no_memory_leaves_table_as_it_was) {
  unsigned refused[3] = {0};
  char label[LABEL_SIZE];

  if (!COUNT_ALLOCS_CAN_FAIL || !count_allocs_is_possible()) {
    puts("skip: a checker owns malloc(), so it cannot be made to fail");
    return;
  }
  for (int i = 0; i < 2003; i++) {
    snprintf(label, sizeof(label), "name-%d", i);
    for (int allocs = 0; allocs < 3; allocs++)
      refused[allocs] += is_refused(label, allocs);
    entity(label)->total.events[ROW_FIRST] = i;
  }
  ck_assert_uint_eq(refused[0], 2003);
  ck_assert_uint_gt(refused[1], 1);
  ck_assert_uint_eq(refused[2], 1);
  ck_assert_uint_eq(tally_size(tally), 2003);
  for (int i = 0; i < 2003; i++) {
    snprintf(label, sizeof(label), "name-%d", i);
    ck_assert_uint_eq(tally_find(tally, label)->total.events[ROW_FIRST], i);
  }
}
END_TEST

START_TEST(tally_count_first_counts_from_zero_then_difference) {
  struct tally_entry *entry = entity("a");

  tally_bind(tally, 0, 1, entry);
  count(0, 5, 3);
  expect_delta(entry, 5, 3);
  tally_begin(tally);
  expect_delta(entry, 0, 0);
  count(0, 12, 3);
  expect_delta(entry, 7, 0);
}
END_TEST

START_TEST(tally_count_several_slots_add_up) {
  struct tally_entry *entry = entity("a");

  tally_bind(tally, 1, 1, entry);
  tally_bind(tally, SLOTS - 1, 2, entry);
  count(1, 2, 3);
  count(SLOTS - 1, 5, 7);
  expect_delta(entry, 7, 10);
  ck_assert_uint_eq(count_touched(), 1);
}
END_TEST

START_TEST(tally_count_twice_in_a_read_keeps_delta) {
  struct tally_entry *entry = entity("a");

  tally_bind(tally, 0, 1, entry);
  count(0, 5, 0);
  count(0, 7, 0);
  expect_delta(entry, 7, 0);
}
END_TEST

START_TEST(tally_count_lower_adds_nothing_and_is_the_new_base) {
  struct tally_entry *entry = entity("a");

  tally_bind(tally, 0, 1, entry);
  count(0, 100, 100);
  tally_begin(tally);
  count(0, 10, 100);
  expect_delta(entry, 0, 0);
  ck_assert_uint_eq(count_touched(), 0);
  count(0, 13, 100);
  expect_delta(entry, 3, 0);
}
END_TEST

START_TEST(tally_count_event_size_makes_bytes) {
  const uint64_t events[ROW_EVENT_COUNT] = {3, 5};
  struct tally_entry *entry = entity("a");

  tally_bind(tally, 0, 1, entry);
  tally_count(tally, &(struct source_row){.events = {events[0], events[1]},
                                          .event_size = UINT32_MAX});
  ck_assert_uint_eq(entry->delta.bytes[ROW_FIRST], UINT64_C(3) * UINT32_MAX);
  ck_assert_uint_eq(entry->delta.bytes[ROW_SECOND], UINT64_C(5) * UINT32_MAX);
}
END_TEST

/* The time of a wait may come without an event, from a slot that it was told of
 * later. */
START_TEST(tally_count_stalled_is_what_it_grew_by) {
  struct tally_entry *entry = entity("a");

  tally_bind(tally, 3, 1, entry);
  tally_count(tally, &(struct source_row){.slot = 3, .stalled_ns = 700});
  ck_assert_uint_eq(entry->delta.stalled_ns, 700);
  tally_begin(tally);
  ck_assert_uint_eq(count_touched(), 0);
  tally_count(tally, &(struct source_row){.slot = 3, .stalled_ns = 1711});
  ck_assert_uint_eq(entry->delta.stalled_ns, 1011);
  ck_assert_uint_eq(count_touched(), 1);
}
END_TEST

/* A read may be long in coming: what grew is not a number of 31 or 32 bits. */
START_TEST(tally_count_jump_beyond_32_bits_is_whole) {
  const uint64_t jump31 = (UINT64_C(1) << 31) + 7;
  const uint64_t jump32 = (UINT64_C(3) << 32) + 11;
  const uint64_t events[ROW_EVENT_COUNT] = {5 + jump31, 3 + jump32};
  struct tally_entry *entry = entity("a");

  tally_bind(tally, 0, 1, entry);
  count(0, 5, 3);
  tally_begin(tally);
  tally_count(tally, &(struct source_row){.events = {events[0], events[1]},
                                          .event_size = 4096});
  expect_delta(entry, jump31, jump32);
  ck_assert_uint_eq(entry->delta.bytes[ROW_FIRST], jump31 * 4096);
  ck_assert_uint_eq(entry->delta.bytes[ROW_SECOND], jump32 * 4096);
}
END_TEST

START_TEST(tally_bind_new_owner_gets_what_follows) {
  struct tally_entry *old = entity("old"), *new = entity("new");

  tally_bind(tally, 3, 1, old);
  count(3, 100, 0);
  tally_bind(tally, 3, 2, new);
  count(3, 107, 2);
  expect_delta(old, 100, 0);
  expect_delta(new, 7, 2);
  ck_assert_uint_eq(old->slots, 0);
  ck_assert_uint_eq(new->slots, 1);
}
END_TEST

START_TEST(tally_is_bound_only_to_its_owner) {
  ck_assert(!tally_is_bound(tally, 2, 1));
  ck_assert_msg(!tally_is_bound(tally, 2, 0), "0 is no owner");
  tally_bind(tally, 2, 1, entity("a"));
  ck_assert(tally_is_bound(tally, 2, 1));
  ck_assert(!tally_is_bound(tally, 2, 2));
  ck_assert(!tally_is_bound(tally, 1, 1));
}
END_TEST

START_TEST(tally_next_lists_each_entry_once) {
  struct tally_entry *first = entity("a"), *second = entity("b"), *found;

  found = tally_next(tally, NULL);
  ck_assert(found == first || found == second);
  ck_assert_ptr_eq(tally_next(tally, found), found == first ? second : first);
  ck_assert_ptr_null(tally_next(tally, tally_next(tally, found)));
}
END_TEST

START_TEST(tally_next_of_none_is_null) {
  ck_assert_ptr_null(tally_next(tally, NULL));
}
END_TEST

START_TEST(tally_touched_lists_each_changed_entry_once) {
  struct tally_entry *a = entity("a"), *b = entity("b");

  tally_bind(tally, 0, 1, a);
  tally_bind(tally, 1, 2, b);
  count(0, 1, 1);
  count(1, 0, 0);
  ck_assert_ptr_eq(tally_touched(tally), a);
  ck_assert_uint_eq(count_touched(), 1);
  ck_assert(a->touched && !b->touched);
  tally_begin(tally);
  ck_assert_ptr_null(tally_touched(tally));
  ck_assert(!a->touched);
}
END_TEST

START_TEST(tally_forget_drops_only_what_nothing_holds) {
  struct tally_entry *moved = entity("moved");

  tally_entry(tally, "class", ROW_CLASS);
  entity("loose");
  entity("known")->rank.known = true;
  tally_hold(tally, entity("held"), 1, &(struct source_held){.bytes = 1});
  tally_bind(tally, 0, 1, entity("bound"));
  tally_bind(tally, 1, 1, moved);
  count(1, 1, 0);
  tally_bind(tally, 1, 2, entity("bound"));
  tally_forget(tally, 1);
  ck_assert_ptr_null(tally_find(tally, "loose"));
  ck_assert_msg(tally_find(tally, "moved") == moved, "has a delta");
  ck_assert_ptr_nonnull(tally_find(tally, "known"));
  ck_assert_ptr_nonnull(tally_find(tally, "bound"));
  ck_assert_ptr_nonnull(tally_find(tally, "class"));
  tally_begin(tally);
  tally_forget(tally, 1);
  ck_assert_ptr_null(tally_find(tally, "moved"));
  ck_assert_ptr_nonnull(tally_find(tally, "held"));
  tally_forget(tally, 2);
  ck_assert_ptr_null(tally_find(tally, "held"));
  ck_assert_uint_eq(tally_size(tally), 3);
}
END_TEST

START_TEST(tally_forget_thousands_returns_to_empty) {
  char label[LABEL_SIZE];

  for (int i = 0; i < 1009; i++) {
    snprintf(label, sizeof(label), "name-%d", i);
    entity(label)->rank.known = i % 2;
  }
  tally_forget(tally, 1);
  ck_assert_uint_eq(tally_size(tally), 504);
  ck_assert_ptr_nonnull(tally_find(tally, "name-1007"));
  ck_assert_ptr_null(tally_find(tally, "name-1008"));
}
END_TEST

START_TEST(tally_free_null_is_accepted) {
  tally_free(NULL);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      tally_entry_same_label_is_same_entry,
      tally_entry_thousands_are_all_found,
      tally_entry_no_memory_leaves_table_as_it_was,
      tally_count_first_counts_from_zero_then_difference,
      tally_count_several_slots_add_up,
      tally_count_twice_in_a_read_keeps_delta,
      tally_count_lower_adds_nothing_and_is_the_new_base,
      tally_count_event_size_makes_bytes,
      tally_count_stalled_is_what_it_grew_by,
      tally_count_jump_beyond_32_bits_is_whole,
      tally_bind_new_owner_gets_what_follows,
      tally_is_bound_only_to_its_owner,
      tally_next_lists_each_entry_once,
      tally_next_of_none_is_null,
      tally_touched_lists_each_changed_entry_once,
      tally_forget_drops_only_what_nothing_holds,
      tally_forget_thousands_returns_to_empty,
      tally_free_null_is_accepted,
  };

  return suite_with("tally", setup, teardown, tests, ARRAY_SIZE(tests));
}
