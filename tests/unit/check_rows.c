// SPDX-License-Identifier: MIT
/* rows: which rows bpfmem-top shows, and in what order. */
#include "bpfmem-top/rows.h"

#include "check_main.h"

#include <string.h>

#define MIB (1 << 20)

static struct row file(const char *name, uint64_t minor, uint64_t major) {
  struct row row = {.kind = ROW_ENTITY,
                    .figures = {.delta.events = {minor, major},
                                .total.events = {2 * minor, 2 * major}}};

  strcpy(row.name, name);
  return row;
}

static struct row cache(const char *name, uint64_t allocs, int64_t growth,
                        uint64_t bytes) {
  struct row row = file(name, allocs, 0);

  row.figures.is_held = true;
  row.figures.objects = bytes / 64;
  row.figures.bytes = bytes;
  row.figures.growth = growth;
  return row;
}

static struct reading reading_of(enum probe_id probe, const struct row *rows,
                                 unsigned count) {
  struct reading reading = {.probe = probe, .rows = rows, .count = count};

  for (unsigned i = 0; i < count; i++)
    figures_add(&reading.sum, &rows[i].figures);
  return reading;
}

/* Names of a letter each, in the order of `expected`. */
static void assert_order(const struct reading *reading,
                         const struct rows_choice *choice,
                         const char *expected) {
  struct rows rows = {0};
  char order[16] = "";

  ck_assert_int_eq(rows_choose(&rows, reading, choice), 0);
  ck_assert_uint_lt(rows.count, sizeof(order));
  for (unsigned i = 0; i < rows.count; i++)
    order[i] = rows.rows[i]->name[0];
  ck_assert_str_eq(order, expected);
  rows_fini(&rows);
}

static void assert_sorted(const struct reading *reading, enum column sort,
                          const char *expected) {
  assert_order(reading, &(struct rows_choice){.sort = sort}, expected);
}

START_TEST(rows_choose_files_what_waits_is_first) {
  const struct row rows[] = {file("c", 900, 0), file("b", 10, 3),
                             file("a", 900, 0), file("z", 20, 3),
                             file("q", 0, 0)};
  const struct reading reading =
      reading_of(PROBE_PAGEFAULT, rows, ARRAY_SIZE(rows));

  assert_sorted(&reading, COLUMN_HURT, "zbac");
  assert_sorted(&reading, COLUMN_MAJOR, "zbac");
  assert_sorted(&reading, COLUMN_MINOR, "aczb");
  assert_sorted(&reading, COLUMN_EVENTS, "aczb");
  assert_sorted(&reading, COLUMN_NAME, "abcz");
}
END_TEST

START_TEST(rows_choose_files_what_stalls_longest_is_first) {
  struct row rows[] = {file("a", 900, 70), file("b", 10, 3), file("c", 9, 3),
                       file("d", 0, 0)};
  struct reading reading;

  for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
    rows[i].figures.tells_stalled = true;
  rows[1].figures.delta.stalled_ns = 2000000;
  rows[2].figures.delta.stalled_ns = 1999999;
  rows[3].figures.delta.stalled_ns = 1; /* of a fault of the reading before */
  reading = reading_of(PROBE_PAGEFAULT, rows, ARRAY_SIZE(rows));
  assert_sorted(&reading, COLUMN_HURT, "bcda");
  assert_sorted(&reading, COLUMN_STALLED, "bcda");
  assert_sorted(&reading, COLUMN_MAJOR, "abcd");
  ck_assert_uint_eq(reading.sum.delta.stalled_ns, 4000000);
  /* What has no time waits as if each took a millisecond. */
  rows[0].figures.tells_stalled = false;
  assert_sorted(&reading, COLUMN_HURT, "abcd");
}
END_TEST

START_TEST(rows_choose_caches_what_grows_is_first) {
  const struct row rows[] = {
      cache("b", 9000, MIB - 1, 2 * MIB), cache("g", 5, MIB, 3 * MIB),
      cache("h", 0, 2 * MIB, 2 * MIB),    cache("r", 0, 0, 9 * MIB),
      cache("s", 0, -4 * MIB, 8 * MIB),   cache("n", 0, 0, 0)};
  const struct reading reading = reading_of(PROBE_SLAB, rows, ARRAY_SIZE(rows));

  assert_sorted(&reading, COLUMN_HURT, "hgbrs");
  assert_sorted(&reading, COLUMN_GROWTH, "hgbrs");
  assert_sorted(&reading, COLUMN_HELD, "rsghb");
  assert_sorted(&reading, COLUMN_OBJECTS, "rsghb");
  assert_sorted(&reading, COLUMN_ALLOC, "bghrs");
}
END_TEST

START_TEST(rows_choose_span_start_takes_totals) {
  struct row rows[] = {file("a", 5, 0), file("b", 0, 0)};
  struct reading reading;

  rows[1].figures.total.events[ROW_MINOR] = 11;
  reading = reading_of(PROBE_PAGEFAULT, rows, ARRAY_SIZE(rows));
  assert_sorted(&reading, COLUMN_EVENTS, "a");
  assert_order(&reading,
               &(struct rows_choice){.sort = COLUMN_EVENTS, .span = SPAN_START},
               "ba");
}
END_TEST

START_TEST(rows_choose_filter_sums_what_matches) {
  const struct row rows[] = {file("/srv/a", 5, 1), file("/usr/b", 7, 2),
                             file("/srv/c\n", 11, 0)};
  const struct reading reading =
      reading_of(PROBE_PAGEFAULT, rows, ARRAY_SIZE(rows));
  struct rows chosen = {0};
  struct figures rest;
  regex_t filter;

  ck_assert_int_eq(regcomp(&filter, "^/srv/(a|c[?])$", REG_EXTENDED), 0);
  ck_assert_int_eq(rows_choose(&chosen, &reading,
                               &(struct rows_choice){.filter = &filter,
                                                     .sort = COLUMN_NAME}),
                   0);
  ck_assert_uint_eq(chosen.count, 2);
  ck_assert_uint_eq(chosen.sum.delta.events[ROW_MINOR], 16);
  rest = rows_rest(&chosen, 1);
  ck_assert_uint_eq(rest.delta.events[ROW_MINOR], 11);
  ck_assert_uint_eq(rest.delta.events[ROW_MAJOR], 0);
  regfree(&filter);
  rows_fini(&chosen);
}
END_TEST

START_TEST(rows_rest_has_what_is_no_more) {
  const struct row rows[] = {cache("a", 5, MIB, 2 * MIB),
                             cache("b", 3, -MIB, MIB)};
  struct reading reading = reading_of(PROBE_SLAB, rows, ARRAY_SIZE(rows));
  struct rows chosen = {0};
  struct figures rest;

  reading.sum.total.events[ROW_ALLOC] += 13;
  ck_assert_int_eq(rows_choose(&chosen, &reading,
                               &(struct rows_choice){.sort = COLUMN_NAME}),
                   0);
  rest = rows_rest(&chosen, 1);
  ck_assert_uint_eq(rest.total.events[ROW_ALLOC], 2 * 3 + 13);
  ck_assert_int_eq(rest.growth, -MIB);
  ck_assert_uint_eq(rest.bytes, MIB);
  rows_fini(&chosen);
}
END_TEST

START_TEST(column_find_names_each_of_a_probe) {
  for (int i = 0; i < COLUMN_COUNT; i++)
    ck_assert_int_eq(column_find(column_key((enum column)i)), i);
  ck_assert_int_eq(column_find("size"), COLUMN_COUNT);
  ck_assert(column_is_of(COLUMN_MAJOR, PROBE_PAGEFAULT));
  ck_assert(!column_is_of(COLUMN_MAJOR, PROBE_SLAB));
  ck_assert(column_is_of(COLUMN_NAME, PROBE_SLAB));
}
END_TEST

START_TEST(row_title_is_printable) {
  const struct row row = file("/a\x1b[2J", 1, 0);
  const struct reading reading = reading_of(PROBE_PAGEFAULT, &row, 1);
  char title[6];

  row_title(&reading, &row, title, sizeof(title));
  ck_assert_str_eq(title, "...2J");
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      rows_choose_files_what_waits_is_first,
      rows_choose_files_what_stalls_longest_is_first,
      rows_choose_caches_what_grows_is_first,
      rows_choose_span_start_takes_totals,
      rows_choose_filter_sums_what_matches,
      rows_rest_has_what_is_no_more,
      column_find_names_each_of_a_probe,
      row_title_is_printable,
  };

  return suite_of("rows", tests, ARRAY_SIZE(tests));
}
