// SPDX-License-Identifier: MIT
/* slab_lines: what lines add to their slots. Mapping and the kernel's part are
 * tested with the real kernel (tests/vm/t_caches.sh). */
#include "slab/lines.h"

#include "check_main.h"

#include <stdlib.h>
#include <string.h>

enum { CPUS = 3 };

static struct slab_line table[CPUS * SLAB_LINES];
static struct slab_count sums[SLAB_SLOTS_MAX];
static struct slab_lines lines;

static void setup(void) {
  memset(table, 0, sizeof(table));
  lines = (struct slab_lines){
      .lines = table,
      .cpus = CPUS,
      .emptied = calloc(SLAB_SLOTS_MAX, sizeof(*lines.emptied))};
  ck_assert_ptr_nonnull(lines.emptied);
}

static void teardown(void) {
  slab_lines_close(&lines);
}

/* As the kernel does: the cache is written last. */
static struct slab_line *take(unsigned cpu, unsigned place, __u32 slot) {
  struct slab_line *line = &table[cpu * SLAB_LINES + place];

  ck_assert_uint_eq(line->taken, 0);
  line->taken = 1;
  line->slot = slot;
  line->cache = 0xffff888100000000 + slot * 256;
  return line;
}

static void add(void) {
  memset(sums, 0, sizeof(sums));
  slab_lines_add(&lines, sums);
}

static __u64 sum_of(unsigned slot, enum slab_counter counter) {
  add();
  return sums[slot].count[counter];
}

START_TEST(lines_of_all_cpus_are_their_slots) {
  for (unsigned cpu = 0; cpu < CPUS; cpu++) {
    take(cpu, 0, 7)->count[SLAB_ALLOC] = 1ULL << (40 + cpu);
    take(cpu, SLAB_LINES - 1, 8)->count[SLAB_KFREE] = cpu + 1;
  }
  add();
  ck_assert_uint_eq(sums[7].count[SLAB_ALLOC], 7ULL << 40);
  ck_assert_uint_eq(sums[8].count[SLAB_KFREE], 6);
  ck_assert_uint_eq(sums[7].count[SLAB_KFREE], 0);
}
END_TEST

START_TEST(lines_add_to_what_was_counted_elsewhere) {
  take(0, 3, 5)->count[SLAB_FREE] = 11;
  memset(sums, 0, sizeof(sums));
  sums[5].count[SLAB_FREE] = 13;
  slab_lines_add(&lines, sums);
  ck_assert_uint_eq(sums[5].count[SLAB_FREE], 24);
}
END_TEST

/* Its slot is written already, or is still the last owner's. */
START_TEST(line_being_taken_is_nobodys) {
  struct slab_line *line = take(1, 2, 9);

  line->cache = 0;
  line->count[SLAB_ALLOC] = 17;
  ck_assert_uint_eq(sum_of(9, SLAB_ALLOC), 0);
}
END_TEST

/* Sums only grow, whoever has the line next. */
START_TEST(line_that_was_left_is_free_and_its_counts_stay) {
  struct slab_line *line = take(1, 2, 9);

  line->count[SLAB_ALLOC] = 17;
  ck_assert_uint_eq(sum_of(9, SLAB_ALLOC), 17);
  line->count[SLAB_ALLOC] = 19;
  line->cache = SLAB_LINE_LEFT;
  ck_assert_uint_eq(sum_of(9, SLAB_ALLOC), 19);
  take(1, 2, 10)->count[SLAB_ALLOC] += 23;
  ck_assert_uint_eq(sum_of(9, SLAB_ALLOC), 19);
  ck_assert_uint_eq(sum_of(10, SLAB_ALLOC), 23);
  line->cache = SLAB_LINE_LEFT;
  take(0, 2, 9)->count[SLAB_ALLOC] = 29;
  ck_assert_uint_eq(sum_of(9, SLAB_ALLOC), 48);
  ck_assert_uint_eq(sum_of(10, SLAB_ALLOC), 23);
}
END_TEST

START_TEST(line_with_an_impossible_slot_is_ignored) {
  take(2, 5, SLAB_SLOTS_MAX)->count[SLAB_FREE] = 31;
  add();
  for (unsigned i = 0; i < SLAB_SLOTS_MAX; i++)
    ck_assert_uint_eq(sums[i].count[SLAB_FREE], 0);
}
END_TEST

START_TEST(none_add_nothing) {
  slab_lines_close(&lines);
  ck_assert_uint_eq(sum_of(1, SLAB_ALLOC), 0);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      lines_of_all_cpus_are_their_slots,
      lines_add_to_what_was_counted_elsewhere,
      line_being_taken_is_nobodys,
      line_that_was_left_is_free_and_its_counts_stay,
      line_with_an_impossible_slot_is_ignored,
      none_add_nothing,
  };

  return suite_with("slab_lines", setup, teardown, tests, ARRAY_SIZE(tests));
}
