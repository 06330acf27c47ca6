// SPDX-License-Identifier: MIT
/* display: names as bpfmem-top shows them. */
#include "bpfmem-top/display.h"

#include "check_main.h"

#include <string.h>

START_TEST(display_printable_table_is_printable_and_fits) {
  static const struct {
    const char *name;
    size_t size;
    const char *expected;
  } rows[] = {
      {"/usr/lib/x y", 32, "/usr/lib/x y"},
      {"/a\x1b[31m\n\x7f\xff~", 32, "/a?[31m???~"},
      {"123456789", 10, "123456789"},
      {"123456789", 9, "...56789"},
      {"123456789", 5, "...9"},
      {"123456789", 3, ".."},
      {"123456789", 1, ""},
      {"", 4, ""},
  };

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    char out[33];

    memset(out, '#', sizeof(out));
    display_printable(rows[i].name, out, rows[i].size);
    ck_assert_str_eq(out, rows[i].expected);
    ck_assert_int_eq(out[rows[i].size], '#');
  }
}
END_TEST

START_TEST(display_printable_size_zero_writes_nothing) {
  char out = '#';

  display_printable("abc", &out, 0);
  ck_assert_int_eq(out, '#');
}
END_TEST

START_TEST(display_cut_keeps_bytes_and_characters) {
  static const char name[] = {'/', 'x', 'a', (char)0xc3, (char)0xa9,
                              'b', 'c', 'd', '\x1b',     '\0'};
  char out[16];

  display_cut(name, out, sizeof(name));
  ck_assert_str_eq(out, name);
  display_cut(name, out, sizeof(name) - 1);
  ck_assert_str_eq(out, "...bcd\x1b");
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      display_printable_table_is_printable_and_fits,
      display_printable_size_zero_writes_nothing,
      display_cut_keeps_bytes_and_characters,
  };

  return suite_of("display", tests, ARRAY_SIZE(tests));
}
