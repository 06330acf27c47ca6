// SPDX-License-Identifier: MIT
/* cpus: the highest id counts, not how many ids there are. */
#include "kernel/cpus.h"

#include "check_main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int count_of(const char *list) {
  char path[] = "/tmp/check_cpus-XXXXXX";
  int fd = mkstemp(path), count;
  FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

  ck_assert_ptr_nonnull(file);
  fputs(list, file);
  fclose(file);
  count = cpus_count_in(path);
  unlink(path);
  return count;
}

START_TEST(count_is_the_highest_id_plus_one) {
  ck_assert_int_eq(count_of("0\n"), 1);
  ck_assert_int_eq(count_of("0-3\n"), 4);
  ck_assert_int_eq(count_of("1\n"), 2);
  ck_assert_int_eq(count_of("0-3,8-11\n"), 12);
  ck_assert_int_eq(count_of("0,2,4-6,8191\n"), 8192);
}
END_TEST

START_TEST(what_is_no_list_is_refused) {
  static const char *const lists[] = {
      "",     "\n",  "all\n",  "0-\n",  "-3\n",
      "0,\n", "0-3", "0-3 \n", "0x3\n", "99999999999\n"};

  for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
    ck_assert_msg(count_of(lists[i]) == -EINVAL, "taken: \"%s\"", lists[i]);
  ck_assert_int_eq(cpus_count_in("/nonexistent"), -ENOENT);
}
END_TEST

START_TEST(this_machine_has_the_cpus_that_are_configured) {
  ck_assert_int_ge(cpus_count(), (int)sysconf(_SC_NPROCESSORS_CONF));
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      count_is_the_highest_id_plus_one,
      what_is_no_list_is_refused,
      this_machine_has_the_cpus_that_are_configured,
  };

  return suite_of("cpus", tests, ARRAY_SIZE(tests));
}
