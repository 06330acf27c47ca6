// SPDX-License-Identifier: MIT
/* slots: which row each slot has, and names of files. */
#include "fake_slots.h"

START_TEST(slots_fill_offers_each_file_slot_once) {
  ck_assert_int_eq(slots_fill(slots), 0);
  ck_assert_uint_eq(freed_count, FILES);
  for (unsigned i = 0; i < FILES; i++)
    ck_assert_uint_eq(freed[i], at(i));
}
END_TEST

START_TEST(slots_fill_reports_failure) {
  free_fails_at = 7;
  ck_assert_int_eq(slots_fill(slots), -E2BIG);
  ck_assert_uint_eq(freed_count, 7);
}
END_TEST

START_TEST(slots_harvest_fixed_rows_are_always_there) {
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
  ck_assert_uint_eq(slots_used(slots), 0);
}
END_TEST

START_TEST(slots_name_makes_paths_and_classes) {
  const struct pf_name cut = {.slot = at(2), .owner = 1, .cut = 1};

  for (unsigned i = 0; i < 3; i++) {
    own(at(i), i);
    counts[at(i)] = (struct pf_sum){.minor = 5 + i, .major = 7 * i};
  }
  NAME(at(0), "libc.so.6\0lib\0usr");
  NAME(at(1), "buffer-4711\0shm\0dev");
  slots_name(slots, &cut, "#47\0bc", 7);
  harvest();
  check_row(at(0), ROW_ENTITY, "/usr/lib/libc.so.6");
  check_row(at(1), ROW_CLASS, "shmem");
  check_row(at(2), ROW_ENTITY, "...bc/#");
  ck_assert_uint_eq(rows[at(0)].owner, 1);
  ck_assert_uint_eq(slots_used(slots), 3);
  ck_assert_uint_eq(slots_unnamed(slots), 0);
}
END_TEST

/* Records come from a ring that only the kernel writes; still nothing is
 * believed that would write where it should not. */
START_TEST(slots_name_ignores_what_makes_no_sense) {
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
  ck_assert_uint_eq(slots_unnamed(slots), 1);
}
END_TEST

/* Its events wait two reads for the name; then they count as "other", as those
 * of an owner of its own, until the name comes. */
START_TEST(slots_harvest_unnamed_waits_then_is_other) {
  counts[at(5)].minor = 11;
  own(at(5), 1);
  for (int reads = 0; reads < 2; reads++) {
    harvest();
    ck_assert(!has_row[at(5)]);
    ck_assert_uint_eq(slots_unnamed(slots), 1);
  }
  harvest();
  check_row(at(5), ROW_CLASS, "other");
  ck_assert_uint_ne(rows[at(5)].owner, 1);
  NAME(at(5), "late");
  harvest();
  check_row(at(5), ROW_ENTITY, "/late");
  ck_assert_uint_eq(rows[at(5)].owner, 1);
  ck_assert_uint_eq(slots_unnamed(slots), 0);
}
END_TEST

/* A name of the owner before must not name the owner after. */
START_TEST(slots_name_belongs_to_one_owner) {
  own(at(2), 1);
  own(at(2), 2);
  name_components(at(2), 1, "before", 7);
  harvest();
  ck_assert(!has_row[at(2)]);
  name_components(at(2), 2, "after", 6);
  harvest();
  check_row(at(2), ROW_ENTITY, "/after");
}
END_TEST

/* Paths take much memory, so they are not kept once they were taken. */
START_TEST(slots_harvest_tells_a_path_twice) {
  own(at(3), 1);
  own(at(4), 2);
  NAME(at(3), "libc.so.6\0lib");
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

Suite *suite(void) {
  const TTest *tests[] = {
      slots_fill_offers_each_file_slot_once,
      slots_fill_reports_failure,
      slots_harvest_fixed_rows_are_always_there,
      slots_name_makes_paths_and_classes,
      slots_name_ignores_what_makes_no_sense,
      slots_harvest_unnamed_waits_then_is_other,
      slots_name_belongs_to_one_owner,
      slots_harvest_tells_a_path_twice,
  };

  return suite_with("slots", setup, teardown, tests, ARRAY_SIZE(tests));
}
