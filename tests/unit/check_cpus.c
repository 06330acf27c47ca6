// SPDX-License-Identifier: MIT
/* cpus: the highest CPU there may be, by a list, which is a text. */
#include "kernel/cpus.h"

#include "check_main.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

FILE *__wrap_fopen(const char *path, const char *mode);

static const char *list; /* NULL: cannot be opened */

FILE *__wrap_fopen(const char *path, const char *mode) {
  ck_assert_str_eq(path, CPUS_POSSIBLE);
  errno = ENOENT;
  return list ? fmemopen((char *)list, strlen(list), mode) : NULL;
}

/* Not their number: there may be holes. */
START_TEST(cpus_count_is_the_last_and_one) {
  static const struct {
    const char *list;
    int count;
  } rows[] = {
      {"0\n", 1},   {"0-3\n", 4},     {"0-3,8-11\n", 12},      {"1\n", 2},
      {"0,2\n", 3}, {"0,2,4-6\n", 7}, {"0-1023,8191\n", 8192}, {"16-31\n", 32}};

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    list = rows[i].list;
    ck_assert_msg(cpus_count() == rows[i].count, "%s: %d", list, cpus_count());
  }
}
END_TEST

START_TEST(cpus_count_of_no_list_is_an_error) {
  static const char *const rows[] = {"\n",  "all\n",  "0-\n",  "0,\n",
                                     "0-3", "0-3 \n", "0x3\n", "99999999999\n"};

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    list = rows[i];
    ck_assert_msg(cpus_count() == -EINVAL, "\"%s\": %d", list, cpus_count());
  }
  list = NULL;
  ck_assert_int_eq(cpus_count(), -ENOENT);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      cpus_count_is_the_last_and_one,
      cpus_count_of_no_list_is_an_error,
  };

  return suite_of("cpus", tests, ARRAY_SIZE(tests));
}
