// SPDX-License-Identifier: MIT
/* slabinfo: lines of /proc/slabinfo, and files of them. */
#include "slab/slabinfo.h"

#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int __wrap_open(const char *path, int flags, ...);

static const char *path; /* NULL: it is for root */

/* Coverage has files of its own. */
int __wrap_open(const char *name, int flags, ...) {
  if (strncmp(name, "/proc/", 6) != 0)
    return openat(AT_FDCWD, name, flags, 0666);
  ck_assert_str_eq(name, "/proc/slabinfo");
  ck_assert_int_eq(flags, O_RDONLY | O_CLOEXEC);
  errno = EACCES;
  return path ? openat(AT_FDCWD, path, flags) : -1;
}

#define HEAD                                                                   \
  "slabinfo - version: 2.1\n"                                                  \
  "# name            <active_objs> <num_objs> <objsize> <objperslab> "         \
  "<pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : "           \
  "slabdata <active_slabs> <num_slabs> <sharedavail>\n"
#define DENTRY                                                                 \
  "dentry             61236  61257    192   21    1 : tunables    0    0    "  \
  "0 : slabdata   2917   2919      0\n"
#define KMALLOC                                                                \
  "kmalloc-8k            48     52   8192    4    8 : tunables    0    0    "  \
  "0 : slabdata     13     13      0\n"

START_TEST(slabinfo_parse_takes_the_lines_of_caches) {
  const char *text = HEAD DENTRY KMALLOC;
  struct slabinfo_row row;

  ck_assert(!slabinfo_parse(&text, &row));
  ck_assert(!slabinfo_parse(&text, &row));
  ck_assert(slabinfo_parse(&text, &row));
  ck_assert_uint_eq(row.name_size, strlen("dentry"));
  ck_assert(!strncmp(row.name, "dentry", row.name_size));
  ck_assert(row.objects == 61236 && row.slab_objects == 21);
  ck_assert(row.slabs == 2919 && row.pages == 1);
  ck_assert(slabinfo_parse(&text, &row));
  ck_assert(row.objects == 48 && row.slabs == 13 && row.pages == 8);
  ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(slabinfo_parse_leaves_out_what_is_no_cache) {
  static const char *const rows[] = {
      "\n",
      "dentry\n",
      "dentry 1 2 3\n",
      "dentry 1 2 3 4 5\n",
      "dentry 1 2 3 4 5 : tunables 0 0 0 : slabdata\n",
      "dentry 1 2 3 4 5 : tunables 0 0 0 : slabdata 7\n",
      "dentry -1 2 3 4 5 : tunables 0 0 0 : slabdata 7 8 9\n",
      "a b 1 2 3 4 5 : tunables 0 0 0 : slabdata 7 8 9\n"};
  struct slabinfo_row row = {.objects = 3};

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    const char *text = rows[i];

    ck_assert_msg(!slabinfo_parse(&text, &row), "%s", rows[i]);
    ck_assert_str_eq(text, "");
  }
  /* Not of the next line. */
  const char *torn = "dentry 1 2 3 4 5\n : slabdata 7 8 9\n";

  ck_assert(!slabinfo_parse(&torn, &row));
  torn = "dentry 1 2 3 4 5 : slabdata 7 8 9";
  ck_assert(!slabinfo_parse(&torn, &row));
  ck_assert_uint_eq(row.objects, 3);
}
END_TEST

static void count(void *arg, const struct slabinfo_row *row) {
  *(uint64_t *)arg += row->objects;
}

/* Larger than what is read at first; and again, from its start. */
START_TEST(slabinfo_read_takes_all_of_a_file) {
  char name[] = "/tmp/check_slabinfo.XXXXXX";
  struct slabinfo info = {0};
  int fd = mkstemp(name);

  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(write(fd, HEAD, strlen(HEAD)), (ssize_t)strlen(HEAD));
  for (int i = 0; i < 1009; i++)
    ck_assert_int_eq(write(fd, KMALLOC, strlen(KMALLOC)),
                     (ssize_t)strlen(KMALLOC));
  close(fd);
  path = name;
  ck_assert_int_eq(slabinfo_open(&info), 0);
  for (int i = 0; i < 2; i++) {
    uint64_t objects = 0;

    ck_assert_int_eq(slabinfo_read(&info, count, &objects), 0);
    ck_assert_uint_eq(objects, 1009 * 48);
  }
  slabinfo_close(&info);
  unlink(name);
}
END_TEST

START_TEST(slabinfo_open_tells_why_not) {
  struct slabinfo info = {0};

  path = NULL;
  ck_assert_int_eq(slabinfo_open(&info), -EACCES);
  slabinfo_close(&info);
  ck_assert(!info.is_open);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      slabinfo_parse_takes_the_lines_of_caches,
      slabinfo_parse_leaves_out_what_is_no_cache,
      slabinfo_read_takes_all_of_a_file,
      slabinfo_open_tells_why_not,
  };

  return suite_of("slabinfo", tests, ARRAY_SIZE(tests));
}
