// SPDX-License-Identifier: MIT
/* path: components joined root first, and the classes of files. */
#include "core/path.h"

#include "check_main.h"

#include <errno.h>
#include <string.h>

/* Components as a literal, whose last NUL ends the last component. */
#define COMPONENTS(literal) (literal), sizeof(literal)

static void expect(const char *components, size_t size, bool cut,
                   const char *expected) {
  char path[64];

  ck_assert_int_eq(
      path_from_components(components, size, cut, path, sizeof(path)), 0);
  ck_assert_str_eq(path, expected);
}

START_TEST(path_from_components_leaf_first_joins_root_first) {
  expect(COMPONENTS("libc.so.6\0lib\0usr"), false, "/usr/lib/libc.so.6");
  expect(COMPONENTS("vmlinuz"), false, "/vmlinuz");
  expect(COMPONENTS("a b\nc\0\xff"), false, "/\xff/a b\nc");
  expect(COMPONENTS("dev/zero"), false, "/dev/zero");
}
END_TEST

START_TEST(path_from_components_cut_starts_with_dots) {
  expect(COMPONENTS("x.so\0lib"), true, "...lib/x.so");
  expect(COMPONENTS("x.so"), true, "...x.so");
  expect("", 0, true, "...");
}
END_TEST

START_TEST(path_from_components_empty_ones_are_skipped) {
  expect(COMPONENTS("x\0\0\0lib\0"), false, "/lib/x");
  expect(COMPONENTS("\0x"), true, "...x");
  expect(COMPONENTS("\0\0"), false, "/");
  expect("", 0, false, "/");
}
END_TEST

START_TEST(path_from_components_not_terminated_is_einval) {
  char path[16] = "kept";

  ck_assert_int_eq(path_from_components("a\0b", 3, false, path, sizeof(path)),
                   -EINVAL);
  ck_assert_str_eq(path, "kept");
}
END_TEST

START_TEST(path_from_components_exact_fit_is_accepted) {
  char path[8] = "kept";

  ck_assert_int_eq(path_from_components(COMPONENTS("b\0a"), false, path, 5), 0);
  ck_assert_str_eq(path, "/a/b");
  ck_assert_int_eq(path_from_components(COMPONENTS("b\0a"), true, path, 7), 0);
  ck_assert_str_eq(path, "...a/b");
  ck_assert_int_eq(path_from_components("", 0, false, path, 2), 0);
  ck_assert_str_eq(path, "/");
}
END_TEST

START_TEST(path_from_components_one_byte_short_is_enospc) {
  char path[8];

  ck_assert_int_eq(path_from_components(COMPONENTS("b\0a"), false, path, 4),
                   -ENOSPC);
  ck_assert_int_eq(path_from_components(COMPONENTS("b\0a"), true, path, 6),
                   -ENOSPC);
  ck_assert_int_eq(path_from_components("", 0, false, path, 1), -ENOSPC);
  ck_assert_int_eq(path_from_components("", 0, true, path, 0), -ENOSPC);
}
END_TEST

START_TEST(path_strip_number_makes_nameless_files_one) {
  static const struct {
    const char *path, *stripped;
  } rows[] = {
      {"/tmp/#4711", "/tmp/#"},
      {"/#1", "/#"},
      {"...tmp/#0123456789", "...tmp/#"},
      {"/tmp/#", "/tmp/#"},
      {"/tmp/#4711#", "/tmp/#4711#"},
      {"/tmp/#47x", "/tmp/#47x"},
      {"/tmp/x#47", "/tmp/x#47"},
      {"/tmp/#47/x", "/tmp/#47/x"},
      {"/tmp/", "/tmp/"},
      {"/", "/"},
      {"...#47", "...#47"},
      {"", ""},
  };
  char path[32];

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    path_strip_number(strcpy(path, rows[i].path));
    ck_assert_str_eq(path, rows[i].stripped);
  }
}
END_TEST

START_TEST(path_class_table_names_class) {
  static const struct {
    const char *path, *class;
  } rows[] = {
      {"/memfd:pulseaudio", "shmem"},
      {"/memfd:", "shmem"},
      {"/dev/shm/sem.x", "shmem"},
      {"/dev/zero", "shmem"},
      {"/anon_hugepage", "hugetlb"},
      {"/dev/hugepages/rtemap_0", "hugetlb"},
      {"/SYSV00000000", "shmem"},
      {"/SYSV5eadBEEF", "shmem"},
      {"/tmp/hsperfdata_root/4711", "shmem"},
      {"/dev/dri/card0", "special"},
      {"/dev/zero2", "special"},
      {"/[io_uring]", "special"},
      {"/anon_inode:[perf_event]", "special"},
      {"/SYSV0000000", NULL},
      {"/SYSV000000000", NULL},
      {"/SYSV0000000g", NULL},
      {"/usr/SYSV00000000", NULL},
      {"/usr/lib/libc.so.6", NULL},
      {"/usr/dev/shm/x", NULL},
      {"/home/memfd:x", NULL},
      {"/anon_hugepage2", NULL},
      {"/devel/x", NULL},
      {"...dev/shm/x", NULL},
      {"/", NULL},
      {"", NULL},
  };

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
    ck_assert_pstr_eq(path_class(rows[i].path), rows[i].class);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      path_from_components_leaf_first_joins_root_first,
      path_from_components_cut_starts_with_dots,
      path_from_components_empty_ones_are_skipped,
      path_from_components_not_terminated_is_einval,
      path_from_components_exact_fit_is_accepted,
      path_from_components_one_byte_short_is_enospc,
      path_strip_number_makes_nameless_files_one,
      path_class_table_names_class,
  };

  return suite_of("path", tests, ARRAY_SIZE(tests));
}
