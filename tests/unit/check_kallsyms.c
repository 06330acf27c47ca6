// SPDX-License-Identifier: MIT
/* features: which symbols the kernel has, by the text of /proc/kallsyms. */
#include "kernel/features.h"

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

static struct features features;

static bool knows(const char *name) {
  const struct hook_need need = {HOOK_NEEDS_SYMBOL, name};

  return features_exists(&features, &need);
}

static bool has(const char *name) {
  bool exists;

  features_forget(&features);
  exists = knows(name);
  features_forget(&features);
  return exists;
}

START_TEST(kallsyms_knows_whole_names) {
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

START_TEST(kallsyms_are_read_once) {
  text = "ffffffff81000000 T another\nffffffff81000010 T a_name\n";
  ck_assert(knows("a_name") && knows("another") && !knows("absent"));
  text = "ffffffff81000000 T absent\n";
  ck_assert(knows("a_name") && !knows("absent"));
  features_forget(&features);
  ck_assert(knows("absent") && !knows("a_name"));
  features_forget(&features);
}
END_TEST

/* Without the right to see addresses (kptr_restrict) names are all there is,
 * and a kernel that hides them may not let them be used. */
START_TEST(kallsyms_takes_what_is_hidden_for_absent) {
  text = "0000000000000000 T kfree_nolock\nffffffff81000000 T known\n";
  ck_assert(!has("kfree_nolock"));
  ck_assert(has("known"));
}
END_TEST

/* Those of modules can go at any time. */
START_TEST(kallsyms_leaves_modules_out) {
  text = "ffffffff81000000 T known\n"
         "ffffffffc0000000 t in_module\t[xfs]\n";
  ck_assert(has("known"));
  ck_assert(!has("in_module"));
}
END_TEST

START_TEST(kallsyms_survives_odd_lines) {
  text = "\n garbage\nffffffff81000000\n"
         "ffffffff81000000 T known\n";
  ck_assert(has("known"));
  text = " ";
  ck_assert(!has("known"));
}
END_TEST

START_TEST(kallsyms_that_may_not_be_read_have_nothing) {
  text = NULL;
  ck_assert(!has("known"));
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      kallsyms_knows_whole_names,
      kallsyms_are_read_once,
      kallsyms_takes_what_is_hidden_for_absent,
      kallsyms_leaves_modules_out,
      kallsyms_survives_odd_lines,
      kallsyms_that_may_not_be_read_have_nothing,
  };

  return suite_of("kallsyms", tests, ARRAY_SIZE(tests));
}
