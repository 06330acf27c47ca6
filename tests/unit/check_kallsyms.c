// SPDX-License-Identifier: MIT
/* kallsyms: which symbols the kernel has, by a text. */
#include "kernel/kallsyms.h"

#include "check_main.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

FILE *__wrap_fopen(const char *path, const char *mode);

static const char *text; /* NULL: cannot be opened */

FILE *__wrap_fopen(const char *path, const char *mode) {
  ck_assert_str_eq(path, "/proc/kallsyms");
  errno = EACCES;
  return text ? fmemopen((char *)text, strlen(text), mode) : NULL;
}

static bool has(const char *name) {
  bool exists = false;

  ck_assert_int_eq(kallsyms_find(&name, 1, &exists), 0);
  return exists;
}

START_TEST(kallsyms_find_knows_whole_names) {
  text = "ffffffff81000000 T _stext\n"
         "ffffffff812ab340 t kfree_nolock\n"
         "ffffffff83a00000 D vmemmap_base\n";
  ck_assert(has("kfree_nolock"));
  ck_assert(has("vmemmap_base"));
  ck_assert(!has("kfree"));
  ck_assert(!has("nolock"));
  ck_assert(!has("vmemmap_base2"));
  ck_assert(!has("T"));
}
END_TEST

START_TEST(kallsyms_find_answers_each_and_leaves_the_rest) {
  static const char *const names[] = {"a_name", "absent", "another", "known"};
  bool exists[] = {false, false, false, true};

  text = "ffffffff81000000 T another\nffffffff81000010 T a_name\n";
  ck_assert_int_eq(kallsyms_find(names, ARRAY_SIZE(names), exists), 0);
  ck_assert(exists[0] && !exists[1] && exists[2] && exists[3]);
}
END_TEST

/* Without the right to see addresses (kptr_restrict) names are all there is,
 * and a kernel that hides them may not let them be used. */
START_TEST(kallsyms_find_takes_what_is_hidden_for_absent) {
  text = "0000000000000000 T kfree_nolock\nffffffff81000000 T known\n";
  ck_assert(!has("kfree_nolock"));
  ck_assert(has("known"));
}
END_TEST

/* Those of modules, which come last, can go at any time. */
START_TEST(kallsyms_find_ends_where_modules_begin) {
  text = "ffffffff81000000 T known\n"
         "ffffffffc0000000 t in_module\t[xfs]\n"
         "ffffffffc0000010 t after\n";
  ck_assert(has("known"));
  ck_assert(!has("in_module"));
  ck_assert(!has("in_module\t[xfs]"));
  ck_assert(!has("after"));
}
END_TEST

START_TEST(kallsyms_find_survives_odd_lines) {
  text = "\n garbage\nffffffff81000000\n"
         "ffffffff81000000 T known";
  ck_assert(has("known"));
  text = " ";
  ck_assert(!has("known"));
}
END_TEST

START_TEST(kallsyms_find_that_may_not_read_says_so) {
  const char *name = "known";
  bool exists = false;

  text = NULL;
  ck_assert_int_eq(kallsyms_find(&name, 1, &exists), -EACCES);
  ck_assert(!exists);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      kallsyms_find_knows_whole_names,
      kallsyms_find_answers_each_and_leaves_the_rest,
      kallsyms_find_takes_what_is_hidden_for_absent,
      kallsyms_find_ends_where_modules_begin,
      kallsyms_find_survives_odd_lines,
      kallsyms_find_that_may_not_read_says_so,
  };

  return suite_of("kallsyms", tests, ARRAY_SIZE(tests));
}
