// SPDX-License-Identifier: MIT
/* slots: names of files and the way of a slot from one owner to the next. The
 * kernel half is a fake: this file defines the two calls of libbpf. */
#include "slots.h"

#include "check_main.h"

#include <errno.h>
#include <string.h>

/* 64 files, so that an eighth is 8. */
enum { FILES = 64, SLOTS = PF_SLOT_FILES + FILES };
/* More than are retired in one read. */
enum { MANY = 1283, SLOTS_OF_MANY = PF_SLOT_FILES + MANY };
enum { FILES_FD = 211, FREE_FD, TABLE_FD };

/* As in <bpf/bpf.h>, which only probes include. */
int bpf_map_update_elem(int fd, const void *key, const void *value,
                        __u64 flags);
int bpf_map_delete_elem(int fd, const void *key);

/* The kernel half: what became of its tables. */
static struct pf_slot table[SLOTS_OF_MANY];
static struct pf_sum counts[SLOTS_OF_MANY];
static unsigned freed[2 * MANY];
static __u64 deleted[2 * MANY];
static unsigned freed_count, deleted_count, free_fails_at;
static bool table_fails;

static int update_table(const unsigned *index, const struct pf_slot *slot) {
  ck_assert_uint_lt(*index, SLOTS_OF_MANY);
  ck_assert_uint_eq(slot->owner, table[*index].owner);
  if (table_fails) {
    errno = EPERM;
    return -EPERM;
  }
  table[*index] = *slot;
  return 0;
}

int bpf_map_update_elem(int fd, const void *key, const void *value,
                        __u64 flags) {
  if (fd == TABLE_FD)
    return update_table(key, value);
  ck_assert_int_eq(fd, FREE_FD);
  ck_assert_ptr_null(key);
  ck_assert_uint_eq(flags, 0);
  ck_assert_uint_lt(freed_count, ARRAY_SIZE(freed));
  if (freed_count == free_fails_at) {
    errno = E2BIG;
    return -E2BIG;
  }
  memcpy(&freed[freed_count++], value, sizeof(freed[0]));
  return 0;
}

int bpf_map_delete_elem(int fd, const void *key) {
  const struct pf_key *file = key;

  ck_assert_int_eq(fd, FILES_FD);
  ck_assert_uint_lt(deleted_count, ARRAY_SIZE(deleted));
  deleted[deleted_count++] = file->ino;
  return 0;
}

static struct slots *slots;
static struct source_row rows[SLOTS_OF_MANY];
static bool has_row[SLOTS_OF_MANY];

static void open_slots(unsigned slots_max) {
  slots = slots_new(slots_max, &(struct slots_kernel){.table = table,
                                                      .table_fd = TABLE_FD,
                                                      .files_fd = FILES_FD,
                                                      .free_fd = FREE_FD});
  ck_assert_ptr_nonnull(slots);
}

static void setup(void) {
  open_slots(SLOTS);
  free_fails_at = ARRAY_SIZE(freed);
  table_fails = false;
  freed_count = deleted_count = 0;
  memset(table, 0, sizeof(table));
  memset(counts, 0, sizeof(counts));
}

static void teardown(void) {
  slots_free(NULL);
  slots_free(slots);
}

static void take(void *arg, const struct source_row *row) {
  ck_assert_ptr_eq(arg, rows);
  ck_assert_uint_lt(row->slot, SLOTS_OF_MANY);
  ck_assert(!has_row[row->slot]);
  ck_assert_uint_ne(row->owner, 0);
  rows[row->slot] = *row;
  has_row[row->slot] = true;
}

static void harvest(void) {
  memset(has_row, 0, sizeof(has_row));
  slots_harvest(slots, counts, take, rows);
}

static void harvest_times(unsigned times) {
  while (times--)
    harvest();
}

/* The nth file slot, as programs use it. */
static unsigned at(unsigned n) {
  return PF_SLOT_FILES + n;
}

static void own(unsigned slot, __u64 ino) {
  table[slot].key = (struct pf_key){.ino = ino, .dev = 8};
  table[slot].owner++;
}

/* A name record for the slot's owner; "leaf\0...\0top\0" as the kernel emits.
 */
#define NAME(slot, components)                                                 \
  name_components(slot, table[slot].owner, components, sizeof(components))

static void name_components(unsigned slot, __u32 owner, const char *components,
                            size_t size) {
  const struct pf_name name = {
      .slot = slot, .owner = owner, .size = (__u32)size};

  slots_name(slots, &name, components, size);
}

/* So many files, each with one fault and a name. */
static void own_files(unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    own(at(i), 1000 + i);
    counts[at(i)].minor++;
    NAME(at(i), "file");
  }
}

static void check_row(unsigned slot, enum row_kind kind, const char *name) {
  ck_assert_msg(has_row[slot], "no row of slot %u", slot);
  ck_assert_int_eq(rows[slot].kind, kind);
  ck_assert_str_eq(rows[slot].name, name);
  ck_assert_uint_eq(rows[slot].events[ROW_MINOR], counts[slot].minor);
  ck_assert_uint_eq(rows[slot].events[ROW_MAJOR], counts[slot].major);
}

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
  check_row(at(17), ROW_ENTITY, "/file");
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
  check_row(at(17), ROW_ENTITY, "/file");
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
    check_row(at(23), ROW_ENTITY, "/file");
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
  check_row(at(17), ROW_ENTITY, "/file");
  free_fails_at = ARRAY_SIZE(freed);
  harvest();
  ck_assert_uint_eq(freed_count, FILES);
  ck_assert_uint_eq(deleted_count, FILES);
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
      slots_with_room_stay,
      slots_retire_later_the_more_room_there_is,
      slots_retire_takes_the_last_events_before_the_slot_is_free,
      slots_retire_clears_the_key_first,
      slots_retire_waits_for_the_key,
      slots_retire_so_many_in_a_read,
      slots_retire_spares_the_busy,
      slots_released_serve_another_owner,
      slots_release_is_tried_again,
  };

  return suite_with("slots", setup, teardown, tests, ARRAY_SIZE(tests));
}
