// SPDX-License-Identifier: MIT
/* cpus: the highest CPU there may be, by a list, which is a text. */
#include "kernel/cpus.h"

#include "check_main.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

FILE *__wrap_fopen(const char *path, const char *mode);
long __wrap_syscall(long number, ...);
int __wrap_close(int fd);

#define FD 97

static const char *list;  /* NULL: cannot be opened */
static int cpus, offline; /* that perf knows; the first that is not online */
static int refusal;       /* of perf: an errno, or 0 */
static int open_fds;

long __wrap_syscall(long number, ...) {
  va_list args;
  int cpu;

  ck_assert_int_eq(number, SYS_perf_event_open);
  va_start(args, number);
  (void)va_arg(args, void *);
  ck_assert_int_eq(va_arg(args, int), -1);
  cpu = va_arg(args, int);
  va_end(args);
  if (!refusal && cpu < offline) {
    open_fds++;
    return FD;
  }
  errno = refusal ? refusal : cpu < cpus ? ENODEV : EINVAL;
  return -1;
}

int __wrap_close(int fd) {
  ck_assert_int_eq(fd, FD);
  open_fds--;
  return 0;
}

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

/* As lxcfs shows them. */
START_TEST(cpus_count_has_those_that_the_list_hides) {
  list = "0\n";
  cpus = 24;
  offline = 16;
  ck_assert_int_eq(cpus_count(), 24);
  ck_assert_int_eq(open_fds, 0);
  list = "0-63\n";
  ck_assert_int_eq(cpus_count(), 64);
  list = "0-1\n";
  refusal = EACCES;
  ck_assert_int_eq(cpus_count(), 2);
  refusal = 0;
  cpus = 100000;
  ck_assert_int_eq(cpus_count(), 8192);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      cpus_count_is_the_last_and_one,
      cpus_count_of_no_list_is_an_error,
      cpus_count_has_those_that_the_list_hides,
  };

  return suite_of("cpus", tests, ARRAY_SIZE(tests));
}
