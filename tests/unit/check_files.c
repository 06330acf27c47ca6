// SPDX-License-Identifier: MIT
/* files: which row each slot has, names of files, and the way of a slot from
 * one owner to the next. */
#include "fake_files.h"

START_TEST(files_harvest_fixed_rows_are_always_there) {
  static const char *const names[PF_SLOT_FILES] = {
      "other", "unattributed", "anon",    "heap",
      "stack", "shmem",        "hugetlb", "special"};

  for (unsigned i = 0; i < SLOTS; i++)
    counts[i] = (struct pf_sum){.minor = 2 * i, .major = 2 * i + 1};
  for (int reads = 0; reads < 2; reads++) {
    harvest();
    for (unsigned i = 0; i < SLOTS; i++)
      if (i < PF_SLOT_FILES)
        check_row(i, ROW_CLASS, names[i]);
      else
        ck_assert_msg(!has_row[i], "slot %u has a row and no owner", i);
  }
  ck_assert_uint_eq(files_used(files), 0);
}
END_TEST

START_TEST(files_name_makes_paths_and_classes) {
  const struct pf_name cut = {.slot = at(2), .owner = 1, .cut = 1};

  for (unsigned i = 0; i < 3; i++) {
    own(at(i), i);
    counts[at(i)] = (struct pf_sum){.minor = 5 + i, .major = 7 * i};
  }
  NAME(at(0), "libc.so.6\0lib\0usr");
  NAME(at(1), "buffer-4711\0shm\0dev");
  files_name(files, &cut, "#47\0bc", 7);
  harvest();
  check_row(at(0), ROW_ENTITY, "/usr/lib/libc.so.6");
  check_row(at(1), ROW_CLASS, "shmem");
  check_row(at(2), ROW_ENTITY, "...bc/#");
  ck_assert_uint_eq(rows[at(0)].owner, 1);
  ck_assert_uint_eq(files_used(files), 3);
  ck_assert_uint_eq(files_unnamed(files), 0);
}
END_TEST

/* Records come from a ring that only the kernel writes; still nothing is
 * believed that would write where it should not. */
START_TEST(files_name_ignores_what_makes_no_sense) {
  static char endless[PF_NAME_COMPONENTS_MAX + 64];

  own(at(0), 1);
  name_components(0, 1, "other", 6);
  name_components(SLOTS, 1, "beyond", 7);
  name_components(UINT32_MAX, 1, "beyond", 7);
  name_components(at(0), 1, "unterminated", 12);
  memset(endless, 'x', sizeof(endless) - 1);
  name_components(at(0), 1, endless, sizeof(endless));
  harvest();
  check_row(PF_SLOT_OTHER, ROW_CLASS, "other");
  ck_assert(!has_row[at(0)]);
  ck_assert_uint_eq(files_unnamed(files), 1);
}
END_TEST

/* Its events wait two reads for the name; then they count as "other", as those
 * of an owner of its own, until the name comes. */
START_TEST(files_harvest_unnamed_waits_then_is_other) {
  counts[at(5)].minor = 11;
  own(at(5), 1);
  for (int reads = 0; reads < 2; reads++) {
    harvest();
    ck_assert(!has_row[at(5)]);
    ck_assert_uint_eq(files_unnamed(files), 1);
  }
  harvest();
  check_row(at(5), ROW_CLASS, "other");
  ck_assert_uint_ne(rows[at(5)].owner, 1);
  NAME(at(5), "late");
  harvest();
  check_row(at(5), ROW_ENTITY, "/late");
  ck_assert_uint_eq(rows[at(5)].owner, 1);
  ck_assert_uint_eq(files_unnamed(files), 0);
}
END_TEST

/* A name of the owner before, however late it comes, names nobody. */
START_TEST(files_name_of_a_former_owner_is_ignored) {
  own(at(2), 1);
  own(at(2), 2);
  name_components(at(2), 1, "before", 7);
  harvest();
  ck_assert(!has_row[at(2)]);
  name_components(at(2), 2, "after", 6);
  harvest();
  check_row(at(2), ROW_ENTITY, "/after");
  name_components(at(2), 1, "before", 7);
  harvest();
  check_row(at(2), ROW_ENTITY, "/after");
  ck_assert_uint_eq(rows[at(2)].owner, 1);
}
END_TEST

/* The kernel sends a second name when the first was by a mount that any user
 * can make: what follows belongs to the second. */
START_TEST(files_name_that_is_replaced_makes_another_owner) {
  uint32_t before;

  own(at(2), 1);
  NAME_AS(PF_PROVISIONAL, at(2), "innocent\0evil\0tmp");
  harvest();
  check_row(at(2), ROW_ENTITY, "/tmp/evil/innocent");
  before = rows[at(2)].owner;
  NAME(at(2), "payroll-db\0srv");
  harvest();
  check_row(at(2), ROW_ENTITY, "/srv/payroll-db");
  ck_assert_uint_ne(rows[at(2)].owner, before);
  before = rows[at(2)].owner;
  harvest();
  ck_assert_uint_eq(rows[at(2)].owner, before);
}
END_TEST

/* A program that takes long to walk a path sends it after others have. */
START_TEST(files_name_that_comes_late_replaces_no_better_one) {
  own(at(2), 1);
  NAME(at(2), "payroll-db\0srv");
  NAME_AS(PF_PROVISIONAL, at(2), "innocent\0evil\0tmp");
  NAME(at(2), "payroll-db\0srv");
  harvest();
  check_row(at(2), ROW_ENTITY, "/srv/payroll-db");
  ck_assert_uint_eq(rows[at(2)].owner, 1);
}
END_TEST

/* Paths take much memory, so they are not kept once they were taken. */
START_TEST(files_harvest_tells_a_path_twice) {
  own(at(3), 1);
  own(at(4), 2);
  NAME_AS(PF_PROVISIONAL, at(3), "libc.so.6\0lib");
  NAME(at(4), "buffer-4711\0shm\0dev");
  for (int reads = 0; reads < 5; reads++) {
    counts[at(3)].minor++;
    harvest();
    check_row(at(3), reads < 2 ? ROW_ENTITY : ROW_CLASS,
              reads < 2 ? "/lib/libc.so.6" : "other");
    check_row(at(4), ROW_CLASS, "shmem");
    ck_assert_uint_eq(rows[at(3)].owner, 1);
  }
  NAME(at(3), "libm.so.6\0lib");
  harvest();
  check_row(at(3), ROW_ENTITY, "/lib/libm.so.6");
}
END_TEST

/* No file leaves a table that has room: idle files cost nothing. */
START_TEST(files_with_room_stay) {
  own_files(FILES / 2);
  harvest_times(1000);
  ck_assert_uint_eq(deleted_count, 0);
  ck_assert_uint_eq(files_used(files), FILES / 2);
}
END_TEST

/* Reads until the first idle file is retired, with so many files in use. The
 * first read knows neither how full the table is nor what is idle. */
static unsigned reads_until_retired(unsigned count) {
  unsigned reads = 0;

  own_files(count);
  harvest();
  while (!deleted_count && reads < 1000) {
    harvest();
    reads++;
  }
  return reads;
}

START_TEST(files_retire_later_the_more_room_there_is) {
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
START_TEST(files_retire_takes_the_last_events_before_the_slot_is_free) {
  own_files(FILES);
  harvest_times(2);
  ck_assert(deleted_count == GIVEN_UP && deleted[5] == 1005);
  ck_assert_uint_eq(freed_count, 0);
  counts[at(5)].major += 3;
  harvest();
  check_first_owner(at(5));
  ck_assert_uint_eq(rows[at(5)].events[ROW_MAJOR], 3);
  ck_assert(freed_count == GIVEN_UP && freed[5] == at(5));
  harvest();
  ck_assert(!has_row[at(5)]);
}
END_TEST

START_TEST(files_stay_while_programs_cannot_run) {
  own_files(FILES);
  run_error = -EPERM;
  harvest_times(5);
  ck_assert_uint_eq(freed_count, 0);
  ck_assert_uint_eq(table[at(5)].key.ino, 1005);
  check_first_owner(at(5));
  run_error = 0;
  harvest();
  ck_assert_uint_eq(freed_count, 0);
  ck_assert_uint_eq(table[at(5)].key.ino, 0);
  harvest();
  ck_assert_uint_eq(freed_count, GIVEN_UP);
}
END_TEST

/* A program marks the key of a file whose file system is gone. The next owner
 * starts without the mark. */
START_TEST(files_left_by_a_program_are_given_back) {
  own_files(3);
  harvest();
  table[at(1)].key.super = PF_SUPER_GONE;
  harvest();
  ck_assert_uint_eq(freed_count, 0);
  ck_assert_uint_eq(table[at(1)].key.super, PF_SUPER_NONE);
  harvest();
  ck_assert_uint_eq(freed_count, 1);
  ck_assert_uint_eq(freed[0], at(1));
}
END_TEST

/* The program that took the slot may be preempted before it writes the key,
 * when others find the slot already. */
START_TEST(files_without_a_key_keep_their_slots) {
  own_files(FILES);
  table[at(5)].key = (struct pf_key){0};
  harvest_times(9);
  for (unsigned i = 0; i < freed_count; i++)
    ck_assert_uint_ne(freed[i], at(5));
  ck_assert_uint_gt(freed_count, 0);
  check_first_owner(at(5));
}
END_TEST

/* A file that is in pf_files still finds its slot. */
START_TEST(files_retire_only_what_left_the_hash) {
  own_files(FILES);
  stays_in_hash = true;
  harvest_times(3);
  ck_assert_uint_eq(table[at(5)].key.ino, 1005);
  ck_assert_uint_eq(freed_count, 0);
  check_first_owner(at(5));
  stays_in_hash = false;
  harvest_times(2);
  ck_assert_uint_eq(freed_count, GIVEN_UP);
}
END_TEST

/* A read is to be short: the rest waits for the next ones. */
START_TEST(files_retire_so_many_in_a_read) {
  teardown();
  open_files(SLOTS_OF_MANY);
  own_files(MANY);
  harvest();
  for (unsigned reads = 1; reads < 5; reads++) {
    harvest();
    ck_assert_uint_eq(deleted_count, reads * GIVEN_UP_MAX);
  }
}
END_TEST

START_TEST(files_retire_spares_the_busy) {
  own_files(FILES);
  for (int reads = 0; reads < 9; reads++) {
    counts[at(7)].minor += 1000;
    harvest();
    check_first_owner(at(7));
  }
  ck_assert_uint_gt(freed_count, GIVEN_UP);
  for (unsigned i = 0; i < deleted_count; i++)
    ck_assert_uint_ne(deleted[i], 1007);
}
END_TEST

START_TEST(files_released_serve_another_owner) {
  own_files(FILES);
  harvest_times(3);
  own(at(5), 4711);
  counts[at(5)].minor += 13;
  harvest();
  ck_assert(!has_row[at(5)]);
  NAME(at(5), "next");
  harvest();
  check_row(at(5), ROW_ENTITY, "/next");
  ck_assert_uint_eq(rows[at(5)].owner, 2);
}
END_TEST

START_TEST(files_release_is_tried_again) {
  own_files(FILES);
  harvest_times(2);
  free_fails_at = 0;
  harvest();
  ck_assert_uint_eq(freed_count, 0);
  check_first_owner(at(5));
  free_fails_at = ARRAY_SIZE(freed);
  harvest();
  ck_assert_uint_ge(freed_count, GIVEN_UP);
  ck_assert_uint_eq(freed[5], at(5));
}
END_TEST

enum { WEAK = 9, STRONG = 1000 };

/* Every seventh file, up to so many. */
static bool is_weak(unsigned n, unsigned weak) {
  return n % 7 == 6 && n / 7 < weak;
}

/* Every file of the table has faults: the weak ones 2. */
static void fault_in_full_table(unsigned weak) {
  for (unsigned i = 0; i < FILES; i++)
    counts[at(i)].minor += is_weak(i, weak) ? 2 : STRONG;
  harvest();
}

/* The same, and a file has no room: a minor and a major fault in turn. */
static void fault_and_harvest(unsigned weak) {
  struct pf_sum *other = &counts[PF_SLOT_OTHER];

  if (other->minor > other->major)
    other->major++;
  else
    other->minor++;
  fault_in_full_table(weak);
}

/* Whoever touches so many files once a read kept all others out. */
START_TEST(files_full_of_busy_let_a_stronger_one_in) {
  own_files(FILES);
  fault_and_harvest(WEAK);
  fault_and_harvest(WEAK);
  ck_assert_uint_eq(deleted_count, 0);
  fault_and_harvest(WEAK);
  ck_assert_uint_eq(deleted_count, WEAK);
  for (unsigned i = 0; i < deleted_count; i++)
    ck_assert(is_weak((unsigned)deleted[i] - 1000, WEAK));
  fault_and_harvest(WEAK);
  ck_assert_uint_eq(freed_count, WEAK);
  own(freed[0], 4711);
  NAME(freed[0], "stronger");
  fault_and_harvest(WEAK);
  check_row(freed[0], ROW_ENTITY, "/stronger");
}
END_TEST

/* The limit rises until somebody is weaker, and falls with the need. */
START_TEST(files_pressure_rises_only_while_the_table_is_full) {
  own_files(FILES);
  for (unsigned reads = 0; reads < 11; reads++) {
    ck_assert_uint_eq(deleted_count, 0);
    fault_and_harvest(0);
  }
  ck_assert_uint_eq(deleted_count, GIVEN_UP);
  teardown();
  setup();
  own_files(FILES / 8 * 7);
  for (unsigned reads = 0; reads < 99; reads++)
    fault_and_harvest(WEAK);
  ck_assert_uint_eq(deleted_count, 0);
}
END_TEST

START_TEST(files_full_of_busy_stay_while_nobody_is_refused) {
  own_files(FILES);
  for (unsigned reads = 0; reads < 99; reads++)
    fault_in_full_table(WEAK);
  ck_assert_uint_eq(deleted_count, 0);
}
END_TEST

/* In the read that first sees an owner its events have only begun. */
START_TEST(files_retire_nobody_who_is_new) {
  for (unsigned growth = 0; growth < 2; growth++) {
    own_files(FILES);
    for (int reads = 0; reads < 4; reads++)
      fault_and_harvest(1);
    ck_assert_uint_eq(freed_count, 1);
    own(freed[0], 5000);
    NAME(freed[0], "new");
    for (unsigned seen = 1; seen < 3; seen++) {
      ck_assert_uint_eq(deleted_count, 1);
      counts[freed[0]].minor -= 2 - growth;
      fault_and_harvest(1);
    }
    ck_assert_uint_eq(deleted_count, 2);
    ck_assert_uint_eq(deleted[1], 5000);
    teardown();
    setup();
  }
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      files_harvest_fixed_rows_are_always_there,
      files_name_makes_paths_and_classes,
      files_name_ignores_what_makes_no_sense,
      files_harvest_unnamed_waits_then_is_other,
      files_name_of_a_former_owner_is_ignored,
      files_name_that_is_replaced_makes_another_owner,
      files_name_that_comes_late_replaces_no_better_one,
      files_harvest_tells_a_path_twice,
      files_with_room_stay,
      files_retire_later_the_more_room_there_is,
      files_retire_takes_the_last_events_before_the_slot_is_free,
      files_stay_while_programs_cannot_run,
      files_left_by_a_program_are_given_back,
      files_without_a_key_keep_their_slots,
      files_retire_only_what_left_the_hash,
      files_retire_so_many_in_a_read,
      files_retire_spares_the_busy,
      files_released_serve_another_owner,
      files_release_is_tried_again,
      files_full_of_busy_let_a_stronger_one_in,
      files_pressure_rises_only_while_the_table_is_full,
      files_full_of_busy_stay_while_nobody_is_refused,
      files_retire_nobody_who_is_new,
  };

  return suite_with("files", setup, teardown, tests, ARRAY_SIZE(tests));
}
