// SPDX-License-Identifier: MIT
/* pagefault_sums, pagefault_lines: what counters and lines make of each slot.
 * Mapping and the kernel's part are tested with the real kernel
 * (tests/daemon/t_reuse.sh). */
#include "pagefault/object.h"
#include "pagefault/sums.h"

#include "check_main.h"

#include <stdlib.h>
#include <string.h>

enum { CPUS = 3, SLOTS = PF_SLOT_FILES + 11, FILE_SLOT = PF_SLOT_FILES + 7 };

static struct pf_count counts[CPUS][SLOTS];
static struct pf_cpu cpus[CPUS];
static struct pf_line lines[CPUS * PF_LINES];
static struct pagefault_object object = {
    .counts = {counts, sizeof(counts)},
    .cpus = {cpus, sizeof(cpus)},
    .lines = {.lines = lines, .count = CPUS * PF_LINES, .slots_max = SLOTS}};
static struct pagefault_sums sums;

static void setup(void) {
  memset(counts, 0, sizeof(counts));
  memset(cpus, 0, sizeof(cpus));
  memset(lines, 0, sizeof(lines));
  object.lines.emptied = calloc(SLOTS, sizeof(*object.lines.emptied));
  ck_assert_ptr_nonnull(object.lines.emptied);
  ck_assert_int_eq(pagefault_sums_open(&sums, CPUS, SLOTS, true), 0);
}

static void teardown(void) {
  pagefault_sums_close(&sums);
  free(object.lines.emptied);
}

static uint64_t minor_of(unsigned slot) {
  pagefault_sums_read(&sums, &object);
  return sums.slots[slot].minor;
}

static uint64_t turn(unsigned slot) {
  pagefault_lines_turn(&object.lines);
  return minor_of(slot);
}

/* As the kernel does for a file that has none. */
static struct pf_line *take(unsigned cpu, unsigned place, unsigned slot) {
  struct pf_line *line = &lines[cpu * PF_LINES + place];

  ck_assert(line->holder == 0 && line->minor == 0);
  line->key = (struct pf_key){.ino = slot, .dev = 7};
  line->holder = UINT64_C(255) << PF_LINE_OWNER_SHIFT | slot;
  return line;
}

START_TEST(lines_of_all_cpus_are_their_slots) {
  for (unsigned cpu = 0; cpu < CPUS; cpu++) {
    counts[cpu][FILE_SLOT].minor = 100;
    take(cpu, 0, FILE_SLOT)->minor = cpu + 1;
    take(cpu, PF_LINES - 1, FILE_SLOT + 1)->minor = 11;
  }
  ck_assert_uint_eq(minor_of(FILE_SLOT), 306);
  ck_assert_uint_eq(minor_of(FILE_SLOT + 1), 33);
  ck_assert_uint_eq(sums.total.minor, 339);
  ck_assert_uint_eq(sums.total.major, 0);
}
END_TEST

/* It is no file's from the first read on in which it has no fault, and free one
 * read later: a program may have found it just before. */
START_TEST(line_without_a_fault_is_closed_then_free) {
  struct pf_line *line = take(1, 5, FILE_SLOT);

  line->minor = 13;
  ck_assert_uint_eq(turn(FILE_SLOT), 13);
  ck_assert_uint_eq(line->key.dev, 7);
  line->minor += 4;
  ck_assert_uint_eq(turn(FILE_SLOT), 17);
  ck_assert_uint_eq(line->key.dev, 7);
  ck_assert_uint_eq(turn(FILE_SLOT), 17);
  ck_assert_uint_eq(line->key.dev, 0);
  ck_assert_uint_ne(line->holder, 0);
  line->minor++;
  ck_assert_uint_eq(minor_of(FILE_SLOT), 18);
  ck_assert_uint_eq(turn(FILE_SLOT), 18);
  ck_assert_uint_eq(line->holder, 0);
}
END_TEST

START_TEST(line_that_was_emptied_starts_from_nothing) {
  struct pf_line *line = take(1, 5, FILE_SLOT);

  line->minor = 13;
  for (int reads = 0; reads < 3; reads++)
    turn(FILE_SLOT);
  take(1, 5, FILE_SLOT + 1)->minor += 17;
  ck_assert_uint_eq(turn(FILE_SLOT), 13);
  ck_assert_uint_eq(sums.slots[FILE_SLOT + 1].minor, 17);
  ck_assert_uint_eq(line->key.dev, 7);
  for (int reads = 0; reads < 2; reads++)
    turn(FILE_SLOT);
  take(1, 5, FILE_SLOT)->minor += 19;
  ck_assert_uint_eq(turn(FILE_SLOT), 32);
  ck_assert_uint_eq(sums.slots[FILE_SLOT + 1].minor, 17);
}
END_TEST

START_TEST(line_being_taken_is_nobodys) {
  struct pf_line *line = take(0, 3, FILE_SLOT);

  line->holder = 0;
  for (int reads = 0; reads < 3; reads++)
    turn(FILE_SLOT);
  ck_assert_uint_eq(line->key.dev, 7);
}
END_TEST

START_TEST(lines_wrap_as_counts_do) {
  struct pf_line *line = take(0, 0, FILE_SLOT);
  uint64_t total = 0;

  for (int reads = 0; reads < 7; reads++) {
    line->minor += 0x3ffffff1;
    counts[2][FILE_SLOT].minor += 0x3ffffff1;
    total += 0x7fffffe2;
    ck_assert_uint_eq(turn(FILE_SLOT), total);
  }
}
END_TEST

START_TEST(line_with_an_impossible_slot_is_ignored) {
  take(0, 3, SLOTS)->minor = 29;
  for (int reads = 0; reads < 3; reads++)
    turn(FILE_SLOT);
  ck_assert_uint_eq(sums.total.minor, 0);
}
END_TEST

/* Minor by mistake, for less time than two looks take; or for longer. */
START_TEST(what_is_taken_back_does_not_fall) {
  counts[0][FILE_SLOT] = (struct pf_count){.minor = 5, .major = 7};
  ck_assert_uint_eq(minor_of(FILE_SLOT), 5);
  counts[1][FILE_SLOT].minor--;
  ck_assert_uint_eq(minor_of(FILE_SLOT), 5);
  counts[0][FILE_SLOT].minor += 2;
  ck_assert_uint_eq(minor_of(FILE_SLOT), 6);
  ck_assert_uint_eq(sums.slots[FILE_SLOT].major, 7);
  ck_assert_uint_eq(sums.total.minor + sums.total.major, 13);
}
END_TEST

START_TEST(fixed_slots_and_the_rest_are_no_files) {
  cpus[0].fixed[PF_SLOT_SHMEM].minor = 1ULL << 40;
  cpus[2].fixed[PF_SLOT_SHMEM] = (struct pf_sum){.minor = 2, .major = 3};
  cpus[2].failed = 31;
  counts[2][FILE_SLOT].minor = 11;
  ck_assert_uint_eq(minor_of(PF_SLOT_SHMEM), (1ULL << 40) + 2);
  ck_assert_uint_eq(sums.cpu.failed, 31);
  for (int reads = 0; reads < 2; reads++) {
    const struct pf_sum all = {.minor = (1ULL << 40) + 20, .major = 8};

    pagefault_sums_read(&sums, &object);
    pagefault_sums_add_rest(&sums, &all);
    ck_assert_uint_eq(sums.slots[PF_SLOT_UNATTRIBUTED].minor, 7);
    ck_assert_uint_eq(sums.slots[PF_SLOT_UNATTRIBUTED].major, 5);
    ck_assert_uint_eq(sums.total.minor, all.minor);
    ck_assert_uint_eq(sums.total.major, all.major);
  }
}
END_TEST

/* Faults that end before they are counted, and a hook without lines. */
START_TEST(one_look_follows_counters) {
  const struct pagefault_object none = {.counts = object.counts,
                                        .cpus = object.cpus};

  pagefault_sums_close(&sums);
  ck_assert_int_eq(pagefault_sums_open(&sums, CPUS, SLOTS, false), 0);
  counts[1][FILE_SLOT] = (struct pf_count){.minor = 37, .major = 41};
  pagefault_sums_read(&sums, &none);
  ck_assert_uint_eq(sums.slots[FILE_SLOT].minor, 37);
  ck_assert_uint_eq(sums.slots[FILE_SLOT].major, 41);
  ck_assert_uint_eq(sums.total.minor, 37);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      lines_of_all_cpus_are_their_slots,
      line_without_a_fault_is_closed_then_free,
      line_that_was_emptied_starts_from_nothing,
      line_being_taken_is_nobodys,
      lines_wrap_as_counts_do,
      line_with_an_impossible_slot_is_ignored,
      what_is_taken_back_does_not_fall,
      fixed_slots_and_the_rest_are_no_files,
      one_look_follows_counters,
  };

  return suite_with("pagefault_sums", setup, teardown, tests,
                    ARRAY_SIZE(tests));
}
