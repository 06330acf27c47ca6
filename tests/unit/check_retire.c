// SPDX-License-Identifier: MIT
/* slots: the way of a slot from one owner to the next. */
#include "fake_slots.h"

/* No file leaves a table that has room: idle files cost nothing. */
START_TEST(slots_with_room_stay) {
  own_files(FILES / 2);
  harvest_times(1000);
  ck_assert_uint_eq(deleted_count, 0);
  ck_assert_uint_eq(slots_used(slots), FILES / 2);
}
END_TEST

/* Reads until the first idle file is retired, with so many files in use. The
 * first read knows neither how full the table is nor what is idle. */
static unsigned reads_until_retired(unsigned files) {
  unsigned reads = 0;

  own_files(files);
  harvest();
  while (!deleted_count && reads < 1000) {
    harvest();
    reads++;
  }
  return reads;
}

START_TEST(slots_retire_later_the_more_room_there_is) {
  static const struct {
    unsigned files, reads;
  } expected[] = {{FILES / 2 + 1, 60},    {FILES / 4 * 3, 60},
                  {FILES / 4 * 3 + 1, 6}, {FILES / 8 * 7, 6},
                  {FILES / 8 * 7 + 1, 1}, {FILES, 1}};

  for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
    ck_assert_uint_eq(reads_until_retired(expected[i].files),
                      expected[i].reads);
    teardown();
    setup();
  }
}
END_TEST

/* Two reads: out of pf_files, then, its last events taken, to pf_free. */
START_TEST(slots_retire_takes_the_last_events_before_the_slot_is_free) {
  own_files(FILES);
  harvest_times(2);
  ck_assert(deleted_count == FILES && deleted[17] == 1017);
  ck_assert_uint_eq(freed_count, 0);
  counts[at(17)].major += 3;
  harvest();
  check_owned(at(17));
  ck_assert_uint_eq(rows[at(17)].events[ROW_MAJOR], 3);
  ck_assert(freed_count == FILES && freed[17] == at(17));
  harvest();
  ck_assert(!has_row[at(17)]);
  ck_assert_uint_eq(slots_used(slots), 0);
}
END_TEST

/* Programs believe a key that a slot has. */
START_TEST(slots_retire_clears_the_key_first) {
  own_files(FILES);
  table_fails = true;
  harvest_times(5);
  ck_assert_uint_eq(freed_count, 0);
  ck_assert_uint_eq(table[at(17)].key.ino, 1017);
  table_fails = false;
  harvest();
  ck_assert_uint_eq(freed_count, 0);
  ck_assert_uint_eq(table[at(17)].key.ino, 0);
  ck_assert_uint_eq(table[at(17)].key.dev, 0);
  harvest();
  ck_assert_uint_eq(freed_count, FILES);
}
END_TEST

/* A program that has the slot has not yet written the key. */
START_TEST(slots_retire_waits_for_the_key) {
  own_files(FILES);
  table[at(17)].key = (struct pf_key){0};
  harvest_times(5);
  ck_assert_uint_eq(freed_count, FILES - 1);
  check_owned(at(17));
}
END_TEST

/* A read is to be short: the rest waits for the next ones. */
START_TEST(slots_retire_so_many_in_a_read) {
  unsigned last = 0;

  teardown();
  open_slots(SLOTS_OF_MANY);
  own_files(MANY);
  for (int reads = 0; freed_count < MANY; reads++) {
    harvest();
    ck_assert_uint_le(deleted_count - last, 512);
    last = deleted_count;
    ck_assert_int_lt(reads, 6);
  }
  ck_assert_uint_eq(deleted_count, MANY);
  harvest();
  ck_assert_uint_eq(slots_used(slots), 0);
}
END_TEST

START_TEST(slots_retire_spares_the_busy) {
  own_files(FILES);
  for (int reads = 0; reads < 5; reads++) {
    counts[at(23)].minor++;
    harvest();
    check_owned(at(23));
  }
  ck_assert(deleted_count == FILES - 1 && freed_count == FILES - 1);
  ck_assert_uint_eq(slots_used(slots), 1);
}
END_TEST

START_TEST(slots_released_serve_another_owner) {
  own_files(FILES);
  harvest_times(3);
  own(at(17), 4711);
  counts[at(17)].minor += 13;
  harvest();
  ck_assert(!has_row[at(17)]);
  NAME(at(17), "next");
  harvest();
  check_row(at(17), ROW_ENTITY, "/next");
  ck_assert_uint_eq(rows[at(17)].owner, 2);
  ck_assert_uint_eq(slots_used(slots), 1);
}
END_TEST

START_TEST(slots_release_is_tried_again) {
  own_files(FILES);
  harvest_times(2);
  free_fails_at = 0;
  harvest();
  ck_assert_uint_eq(freed_count, 0);
  check_owned(at(17));
  free_fails_at = ARRAY_SIZE(freed);
  harvest();
  ck_assert_uint_eq(freed_count, FILES);
  ck_assert_uint_eq(deleted_count, FILES);
}
END_TEST

/* A fault may wait for longer than a read, and then count. */
START_TEST(slots_release_waits_for_what_is_stashed) {
  own_files(FILES);
  stashed[PF_PLACES - 1] =
      UINT64_C(0x881122334400) << 16 | at(17) << PF_STASHED_SLOT_SHIFT | 1;
  stashed[0] = UINT64_MAX; /* no slot that there is */
  harvest_times(7);
  ck_assert_uint_eq(freed_count, FILES - 1);
  counts[at(17)].major++;
  harvest();
  check_owned(at(17));
  stashed[PF_PLACES - 1] = 0;
  harvest();
  ck_assert_uint_eq(freed_count, FILES);
  ck_assert_uint_eq(freed[FILES - 1], at(17));
  ck_assert_uint_eq(deleted_count, FILES);
}
END_TEST

/* A line leads to a slot as well as pf_files does. */
START_TEST(slots_close_lines_before_they_are_free) {
  const __u64 owner = UINT64_C(7) << PF_LINE_OWNER_SHIFT;

  own_files(FILES);
  for (unsigned i = 0; i < LINES; i++)
    lines[i] = (struct pf_line){
        .key = table[at(17)].key, .holder = owner | at(17 + i), .minor = 5};
  lines[2].holder = UINT32_MAX; /* no slot that there is */
  harvest();
  counts[at(18)].minor++;
  harvest();
  ck_assert_uint_ne(lines[0].key.dev, 0);
  counts[at(18)].minor++;
  harvest();
  ck_assert_uint_eq(freed_count, FILES - 1);
  ck_assert_uint_eq(lines[0].key.dev, 0);
  ck_assert(lines[0].holder == (owner | at(17)) && lines[0].minor == 5);
  ck_assert_uint_ne(lines[1].key.dev, 0);
  ck_assert_uint_ne(lines[2].key.dev, 0);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      slots_with_room_stay,
      slots_retire_later_the_more_room_there_is,
      slots_retire_takes_the_last_events_before_the_slot_is_free,
      slots_retire_clears_the_key_first,
      slots_retire_waits_for_the_key,
      slots_retire_so_many_in_a_read,
      slots_retire_spares_the_busy,
      slots_released_serve_another_owner,
      slots_release_is_tried_again,
      slots_release_waits_for_what_is_stashed,
      slots_close_lines_before_they_are_free,
  };

  return suite_with("retire", setup, teardown, tests, ARRAY_SIZE(tests));
}
