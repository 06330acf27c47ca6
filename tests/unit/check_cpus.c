// SPDX-License-Identifier: MIT
/* cpus: the highest CPU there may be, by a list and by what the process may run
 * on. The list is a text. */
#include "kernel/cpus.h"

#include "check_main.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

FILE *__wrap_fopen(const char *path, const char *mode);
int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);

static const char *list;           /* NULL: cannot be opened */
static unsigned own = CPU_SETSIZE; /* the highest CPU of the process; not known
                                    */

FILE *__wrap_fopen(const char *path, const char *mode) {
  ck_assert_str_eq(path, CPUS_POSSIBLE);
  errno = ENOENT;
  return list ? fmemopen((char *)list, strlen(list), mode) : NULL;
}

int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set) {
  ck_assert_int_eq(pid, 0);
  ck_assert_uint_eq(size, sizeof(*set));
  if (own >= CPU_SETSIZE) {
    errno = EINVAL;
    return -1;
  }
  CPU_SET(own / 2, set);
  CPU_SET(own, set);
  return 0;
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

/* A container's runtime may show fewer than the process runs on. */
START_TEST(cpus_count_is_what_it_may_run_on_at_least) {
  list = "0-3\n";
  own = 1;
  ck_assert_int_eq(cpus_count(), 4);
  own = 6;
  ck_assert_int_eq(cpus_count(), 7);
  own = CPU_SETSIZE - 1;
  ck_assert_int_eq(cpus_count(), CPU_SETSIZE);
  own = CPU_SETSIZE; /* a machine of more CPUs than the set has room for */
  ck_assert_int_eq(cpus_count(), 4);
}
END_TEST

/* What the process may run on can be less than there is. */
START_TEST(cpus_count_without_a_list_is_an_error) {
  list = NULL;
  own = 6;
  ck_assert_int_eq(cpus_count(), -ENOENT);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      cpus_count_is_the_last_and_one,
      cpus_count_of_no_list_is_an_error,
      cpus_count_is_what_it_may_run_on_at_least,
      cpus_count_without_a_list_is_an_error,
  };

  return suite_of("cpus", tests, ARRAY_SIZE(tests));
}
