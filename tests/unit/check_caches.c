// SPDX-License-Identifier: MIT
/* slab/caches: sums, who gets a line, and what becomes of slots and lines of
 * caches that are gone. The kernel's part is tested with real kernels
 * (tests/vm/t_slab.sh, t_caches.sh). */
#include "slab/caches.h"

#include "check_main.h"

#include <stdio.h>
#include <string.h>

enum { CPUS = 3 };

static struct slab_slot slots[SLAB_SLOTS_MAX];
static struct slab_count counts[CPUS * SLAB_SLOTS_MAX];
static struct slab_pair lines[CPUS * SLAB_PAIR_COUNT];
static struct slab_caches caches;

static void setup(void) {
  memset(slots, 0, sizeof(slots));
  memset(counts, 0, sizeof(counts));
  memset(lines, 0, sizeof(lines));
  caches = (struct slab_caches){
      .cpus = CPUS, .slots = slots, .counts = counts, .lines = lines};
}

/* What the kernel does when a cache has its first event. */
static void cache_comes(unsigned slot, uint64_t address) {
  slots[slot].cache = address;
  slots[slot].size = 64 * slot;
  snprintf(slots[slot].name, sizeof(slots[slot].name), "cache-%u", slot);
  slots[slot].owner++;
}

/* The addresses of caches that have the same two places. */
static uint64_t address(unsigned nth) {
  uint64_t address = 0xffff888100000000;

  for (unsigned i = 0; i <= nth; address += 64)
    if (slab_pair(address) == 5 && i++ == nth)
      return address;
  return 0;
}

static struct slab_line *line_of(unsigned cpu, uint64_t cache) {
  struct slab_pair *pair = &lines[cpu * SLAB_PAIR_COUNT + slab_pair(cache)];

  for (int i = 0; i < SLAB_PAIR_LINES; i++)
    if (pair->line[i].cache == cache)
      return &pair->line[i];
  return NULL;
}

/* As a program does, on that CPU. */
static void count(unsigned cpu, unsigned slot, enum slab_counter counter,
                  uint64_t n) {
  struct slab_line *line = line_of(cpu, slots[slot].cache);

  if (line)
    line->count[counter] += n;
  else
    counts[cpu * SLAB_SLOTS_MAX + slot].events[slab_counter_event(counter)] +=
        n;
}

/* What the kernel does when a new cache is at its address. */
static void cache_goes(unsigned slot) {
  for (unsigned cpu = 0; cpu < CPUS; cpu++)
    if (line_of(cpu, slots[slot].cache))
      line_of(cpu, slots[slot].cache)->cache = SLAB_LINE_LEFT;
  slots[slot].cache = 0;
}

/* A read; whether that slot went back. */
static bool read_once(unsigned slot) {
  bool back = false;

  slab_caches_read(&caches);
  for (unsigned i = SLAB_SLOT_FIRST; i < SLAB_SLOTS_MAX; i++)
    if (slab_caches_settle(&caches, i)) {
      slab_caches_released(&caches, i);
      back |= i == slot;
    }
  return back;
}

static uint64_t sum_of(unsigned slot, enum slab_event event) {
  slab_caches_read(&caches);
  return caches.cache[slot].sum[event];
}

START_TEST(sums_are_of_all_cpus_and_counters) {
  const uint64_t big = 1ULL << 40;

  cache_comes(7, address(0));
  for (unsigned cpu = 0; cpu < CPUS; cpu++)
    for (int i = 0; i < SLAB_COUNTER_COUNT; i++)
      count(cpu, 7, i, big << (cpu * SLAB_COUNTER_COUNT + i) % 20);
  ck_assert_uint_eq(sum_of(7, SLAB_ALLOC), big * 0x71c7);
  ck_assert_uint_eq(sum_of(7, SLAB_FREE), big * 0x38e38);
  ck_assert_uint_eq(sum_of(8, SLAB_ALLOC), 0);
}
END_TEST

/* What has no slot is counted in "other", and nothing tells a second time. */
START_TEST(slack_has_the_events_of_no_known_cache) {
  const uint64_t free_objects = CPUS * (2 * 21 + 2 * 120 + 3 * 64) + 10 * 64;

  ck_assert_uint_eq(slab_caches_slack(&caches, 21), free_objects);
  cache_comes(3, address(0));
  count(1, 3, SLAB_COUNTER_ALLOC, 11);
  counts[SLAB_SLOT_OTHER].events[SLAB_ALLOC] = 1000003;
  counts[2 * SLAB_SLOTS_MAX + SLAB_SLOT_OTHER].events[SLAB_FREE] = 19;
  slab_caches_read(&caches);
  ck_assert_uint_eq(slab_caches_slack(&caches, 21), free_objects + 1000022);
}
END_TEST

START_TEST(busy_cache_gets_a_line_on_each_cpu) {
  cache_comes(3, address(0));
  ck_assert_ptr_null(line_of(0, address(0)));
  read_once(3);
  ck_assert_ptr_null(line_of(0, address(0))); /* it had no event */
  count(1, 3, SLAB_COUNTER_ALLOC, 11);
  read_once(3);
  for (unsigned cpu = 0; cpu < CPUS; cpu++) {
    ck_assert_ptr_nonnull(line_of(cpu, address(0)));
    count(cpu, 3, SLAB_COUNTER_ALLOC_MORE, 13);
    count(cpu, 3, SLAB_COUNTER_KFREE, 17);
  }
  ck_assert_uint_eq(sum_of(3, SLAB_ALLOC), 11 + CPUS * 13);
  ck_assert_uint_eq(sum_of(3, SLAB_FREE), CPUS * 17);
}
END_TEST

/* Its events have to be looked at. */
START_TEST(cache_of_caches_gets_no_line) {
  cache_comes(3, address(0));
  strcpy(slots[3].name, SLAB_CACHE_OF_CACHES);
  count(1, 3, SLAB_COUNTER_ALLOC, 11);
  read_once(3);
  ck_assert_ptr_null(line_of(1, address(0)));
}
END_TEST

/* Two have places; the third has one when it is far busier than one of them,
 * and the sums of all three go on. */
START_TEST(line_goes_to_a_cache_that_is_far_busier) {
  for (unsigned i = 0; i < 3; i++)
    cache_comes(1 + i, address(i));
  count(0, 1, SLAB_COUNTER_ALLOC, 100);
  count(0, 2, SLAB_COUNTER_ALLOC, 50);
  count(0, 3, SLAB_COUNTER_ALLOC, 150);
  read_once(1);
  ck_assert_ptr_nonnull(line_of(2, address(0)));
  ck_assert_ptr_nonnull(line_of(2, address(1)));
  ck_assert_ptr_null(line_of(2, address(2)));
  count(0, 1, SLAB_COUNTER_ALLOC, 100);
  count(1, 2, SLAB_COUNTER_ALLOC, 50);
  count(0, 3, SLAB_COUNTER_ALLOC, 203);
  read_once(1); /* not four times as busy */
  ck_assert_ptr_nonnull(line_of(2, address(1)));
  count(0, 1, SLAB_COUNTER_ALLOC, 100);
  count(1, 2, SLAB_COUNTER_ALLOC, 50);
  count(0, 3, SLAB_COUNTER_ALLOC, 204);
  read_once(1);
  ck_assert_ptr_null(line_of(2, address(1)));
  ck_assert_ptr_null(line_of(2, address(2)));
  count(0, 1, SLAB_COUNTER_ALLOC, 100);
  count(1, 2, SLAB_COUNTER_ALLOC, 50);
  count(0, 3, SLAB_COUNTER_ALLOC, 204);
  read_once(1);
  ck_assert_ptr_nonnull(line_of(2, address(0)));
  ck_assert_ptr_nonnull(line_of(2, address(2)));
  ck_assert_ptr_null(line_of(2, address(1)));
  count(0, 3, SLAB_COUNTER_ALLOC, 1);
  ck_assert_uint_eq(sum_of(1, SLAB_ALLOC), 400);
  ck_assert_uint_eq(sum_of(2, SLAB_ALLOC), 200);
  ck_assert_uint_eq(sum_of(3, SLAB_ALLOC), 762);
}
END_TEST

/* A program that had found a line still adds to it, after a read saw that the
 * line was left: nobody else has it by then. */
START_TEST(line_that_was_left_keeps_what_is_late) {
  struct slab_line *found;

  cache_comes(4, address(0));
  count(0, 4, SLAB_COUNTER_ALLOC, 17);
  read_once(4);
  found = line_of(0, address(0));
  found->count[SLAB_COUNTER_ALLOC] += 19;
  cache_goes(4);
  ck_assert(!read_once(4));
  cache_comes(5, address(0));
  count(0, 5, SLAB_COUNTER_FREE, 23);
  found->count[SLAB_COUNTER_ALLOC] += 29;
  ck_assert(read_once(4));
  ck_assert_uint_eq(caches.cache[4].sum[SLAB_ALLOC], 17 + 19 + 29);
  read_once(4);
  count(0, 5, SLAB_COUNTER_FREE, 31);
  ck_assert_uint_eq(sum_of(4, SLAB_ALLOC), 17 + 19 + 29);
  ck_assert_uint_eq(sum_of(4, SLAB_FREE), 0);
  ck_assert_uint_eq(sum_of(5, SLAB_FREE), 23 + 31);
  ck_assert_uint_eq(sum_of(5, SLAB_ALLOC), 0);
}
END_TEST

/* What a program without a line still adds is in the last row. */
START_TEST(slot_goes_back_one_read_after_its_cache_was_seen_gone) {
  struct source_row row;

  cache_comes(6, address(0));
  read_once(6);
  cache_goes(6);
  ck_assert(!read_once(6));
  counts[6].events[SLAB_FREE] += 37;
  slab_caches_read(&caches);
  ck_assert(slab_caches_row(&caches, 6, &row));
  ck_assert_uint_eq(row.events[ROW_FREE], 37);
  ck_assert(slab_caches_settle(&caches, 6));
  ck_assert(slab_caches_settle(&caches, 6)); /* it could not be given back */
  slab_caches_released(&caches, 6);
  ck_assert(!slab_caches_row(&caches, 6, &row));
  ck_assert(!slab_caches_settle(&caches, 6));
  cache_comes(6, address(1));
  ck_assert(!read_once(6));
  ck_assert(slab_caches_row(&caches, 6, &row));
  ck_assert_uint_eq(row.owner, 2);
}
END_TEST

/* It found that another CPU had been first. */
START_TEST(slot_that_its_taker_declined_goes_back_without_a_row) {
  struct source_row row;

  slots[9].owner++;
  slab_caches_read(&caches);
  ck_assert(!slab_caches_row(&caches, 9, &row));
  ck_assert(!slab_caches_settle(&caches, 9));
  ck_assert(read_once(9));
  ck_assert(!read_once(9));
}
END_TEST

/* The kernel looked for lines before this one was there. */
START_TEST(line_that_the_kernel_did_not_see_is_left) {
  cache_comes(2, address(0));
  count(0, 2, SLAB_COUNTER_ALLOC, 41);
  read_once(2);
  ck_assert_ptr_nonnull(line_of(0, address(0)));
  slots[2].cache = 0;
  read_once(2);
  for (unsigned cpu = 0; cpu < CPUS; cpu++)
    ck_assert_ptr_null(line_of(cpu, address(0)));
  ck_assert(read_once(2));
  ck_assert_uint_eq(sum_of(2, SLAB_ALLOC), 41);
}
END_TEST

START_TEST(row_tells_the_owner) {
  struct source_row row = {0};

  ck_assert(!slab_caches_row(&caches, 11, &row));
  cache_comes(11, address(0));
  ck_assert(slab_caches_row(&caches, 11, &row));
  ck_assert_uint_eq(row.slot, 11);
  ck_assert_uint_eq(row.owner, 1);
  ck_assert_str_eq(row.name, "cache-11");
  ck_assert_uint_eq(row.event_size, 64 * 11);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      sums_are_of_all_cpus_and_counters,
      slack_has_the_events_of_no_known_cache,
      busy_cache_gets_a_line_on_each_cpu,
      cache_of_caches_gets_no_line,
      line_goes_to_a_cache_that_is_far_busier,
      line_that_was_left_keeps_what_is_late,
      slot_goes_back_one_read_after_its_cache_was_seen_gone,
      slot_that_its_taker_declined_goes_back_without_a_row,
      line_that_the_kernel_did_not_see_is_left,
      row_tells_the_owner,
  };

  return suite_with("caches", setup, NULL, tests, ARRAY_SIZE(tests));
}
