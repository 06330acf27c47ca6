// SPDX-License-Identifier: MIT
/* lines: figures of three digits, and lines that fit. */
#include "bpfmem-top/lines.h"

#include "check_main.h"

#include <string.h>

START_TEST(lines_number_table_has_three_digits) {
  static const struct {
    double number;
    const char *text;
  } rows[] = {
      {0, "0"},          {0.004, "<.01"},  {0.005, "0.01"},    {0.25, "0.25"},
      {7, "7"},          {9.994, "9.99"},  {9.995, "10.0"},    {99.94, "99.9"},
      {99.96, "100"},    {101, "101"},     {999, "999"},       {999.4, "999"},
      {999.5, "1.00k"},  {1000, "1.00k"},  {12345, "12.3k"},   {999499, "999k"},
      {999500, "1.00M"}, {2.5e9, "2.50G"}, {18.4e18, "18.4E"},
  };

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    char text[16];

    lines_number(rows[i].number, text, sizeof(text));
    ck_assert_str_eq(text, rows[i].text);
  }
}
END_TEST

START_TEST(lines_bytes_table_has_sign_and_unit) {
  static const struct {
    int64_t bytes;
    bool sign;
    const char *text;
  } rows[] = {
      {0, true, "0"},
      {4096, true, "+4.00k"},
      {4096, false, "4.00k"},
      {-4096, true, "-4.00k"},
      {1023, false, "1.00k"},
      {1 << 20, true, "+1.00M"},
      {368050176, false, "351M"},
      {-1, true, "-1"},
  };

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    char text[16];

    lines_bytes(rows[i].bytes, rows[i].sign, text, sizeof(text));
    ck_assert_str_eq(text, rows[i].text);
  }
}
END_TEST

static const struct figures leak = {.delta.events = {246, 123},
                                    .total.events = {20000, 123},
                                    .is_held = true,
                                    .objects = 19877,
                                    .bytes = 5 << 20,
                                    .growth = 3 << 20};

static void assert_line(const struct lines *lines,
                        const struct figures *figures, const char *name,
                        const char *expected) {
  char line[LINE_SIZE];

  lines_row(lines, figures, name, line);
  ck_assert_str_eq(line, expected);
}

START_TEST(lines_row_form_tells_rates_totals_counts) {
  struct lines lines = {.probe = PROBE_SLAB, .seconds = 2, .width = 80};
  char head[LINE_SIZE];

  lines_head(&lines, head);
  ck_assert_str_eq(head, "ALLOC/s  FREE/s OBJECTS  GROWTH    HELD CACHE");
  assert_line(&lines, &leak, "dentry",
              "    123    61.5   19.9k  +3.00M   5.00M dentry");
  lines.form = LINE_TOTALS;
  assert_line(&lines, &leak, "dentry",
              "  20.0k     123   19.9k  +3.00M   5.00M dentry");
  lines.form = LINE_EXACT;
  assert_line(&lines, &leak, "dentry",
              "       246        123      19877    3145728    5242880 dentry");
}
END_TEST

START_TEST(lines_row_stalled_is_a_time) {
  const struct figures waits = {.delta.events = {0, 20},
                                .delta.stalled_ns = 82400000,
                                .total.events = {3, 40},
                                .total.stalled_ns = 41200000000,
                                .tells_stalled = true};
  const struct figures memory = {.delta.events = {7, 0}};
  struct lines lines = {.probe = PROBE_PAGEFAULT, .seconds = 2, .width = 80};
  char head[LINE_SIZE];

  lines_head(&lines, head);
  ck_assert_str_eq(head, "MINOR/s MAJOR/s STALL/s FILE");
  assert_line(&lines, &waits, "/a.db", "      0      10  41.2ms /a.db");
  assert_line(&lines, &memory, "[anon]", "   3.50       0       - [anon]");
  lines.form = LINE_TOTALS;
  assert_line(&lines, &waits, "/a.db", "      3      40   41.2s /a.db");
  lines.form = LINE_EXACT;
  lines_head(&lines, head);
  ck_assert_str_eq(head, "     MINOR      MAJOR STALLED ns FILE");
  assert_line(&lines, &waits, "/a.db",
              "         0         20   82400000 /a.db");
}
END_TEST

START_TEST(lines_row_not_held_has_no_figure) {
  const struct figures none = {.delta.events = {1, 0}};

  assert_line(&(struct lines){.probe = PROBE_SLAB, .seconds = 1, .width = 80},
              &none, "[other]",
              "      1       0       -       -       - [other]");
}
END_TEST

/* Each width shows the name's end, and no line is wider. */
START_TEST(lines_row_any_width_fits) {
  static const char name[] = "/srv/a/directory/whose/name/is/long/table.db";

  for (unsigned width = LINE_WIDTH_MIN; width < 300; width++)
    for (int probe = 0; probe < PROBE_COUNT; probe++) {
      const struct lines lines = {
          .probe = (enum probe_id)probe, .seconds = 1, .width = width};
      char line[LINE_SIZE], head[LINE_SIZE];

      lines_row(&lines, &leak, name, line);
      lines_head(&lines, head);
      ck_assert_uint_le(strlen(line), width);
      ck_assert_uint_le(strlen(head), width);
      ck_assert_ptr_nonnull(strstr(line, "/table.db"));
      ck_assert_uint_ge(lines_room(&lines), 18);
    }
}
END_TEST

START_TEST(lines_row_narrow_leaves_out_columns) {
  struct lines lines = {.probe = PROBE_SLAB, .seconds = 1, .width = 40};
  unsigned start, end;
  char head[LINE_SIZE];

  lines_head(&lines, head);
  ck_assert_str_eq(head, "ALLOC/s  GROWTH CACHE");
  ck_assert(lines_place(&lines, COLUMN_GROWTH, &start, &end));
  ck_assert_uint_eq(start, 8);
  ck_assert_uint_eq(end, 15);
  ck_assert(!lines_place(&lines, COLUMN_HELD, &start, &end));
  ck_assert(!lines_place(&lines, COLUMN_MAJOR, &start, &end));
  ck_assert(lines_place(&lines, COLUMN_NAME, &start, &end));
  ck_assert_uint_eq(start, 16);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      lines_number_table_has_three_digits,
      lines_bytes_table_has_sign_and_unit,
      lines_row_form_tells_rates_totals_counts,
      lines_row_stalled_is_a_time,
      lines_row_not_held_has_no_figure,
      lines_row_any_width_fits,
      lines_row_narrow_leaves_out_columns,
  };

  return suite_of("lines", tests, ARRAY_SIZE(tests));
}
