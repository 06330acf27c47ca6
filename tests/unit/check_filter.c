// SPDX-License-Identifier: MIT
/* filter: the semantics of collectd's ignorelist. */
#include "core/filter.h"

#include "check_main.h"

#include <errno.h>
#include <string.h>

/* Is `name` accepted by a list of up to two patterns? */
static bool accepts(const char *one, const char *two, bool ignore_selected,
                    const char *name) {
  struct filter *filter = filter_new();
  char err[128];
  bool accepted;

  ck_assert_ptr_nonnull(filter);
  if (one)
    ck_assert_int_ge(filter_add(filter, FILTER_WORDS, one, err, sizeof(err)),
                     0);
  if (two)
    ck_assert_int_ge(filter_add(filter, FILTER_WORDS, two, err, sizeof(err)),
                     0);
  filter_set_ignore_selected(filter, ignore_selected);
  accepted = filter_accepts(filter, name);
  filter_free(filter);
  return accepted;
}

START_TEST(filter_accepts_table_follows_ignorelist) {
  static const struct {
    const char *one, *two;
    bool ignore_selected;
    const char *name;
    bool expected;
  } rows[] = {
      /* An empty list accepts everything, whatever IgnoreSelected says. */
      {NULL, NULL, false, "/bin/sh", true},
      {NULL, NULL, true, "/bin/sh", true},
      /* A literal must equal the whole name, case included. */
      {"/bin/sh", NULL, false, "/bin/sh", true},
      {"/bin/sh", NULL, false, "/bin/sh2", false},
      {"/bin/sh", NULL, false, "/usr/bin/sh", false},
      {"/bin/sh", NULL, false, "/bin/SH", false},
      {"dentry", NULL, false, "dentry", true},
      {"kmalloc-.*", NULL, false, "kmalloc-64", false},
      {"/bin/sh", NULL, true, "/bin/sh", false},
      {"/bin/sh", NULL, true, "/bin/bash", true},
      /* Slashes around make a regular expression, not anchored. */
      {"/lib/", NULL, false, "/usr/lib/x.so", true},
      {"/lib/", NULL, false, "/usr/LIB/x.so", false},
      {"/^\\/usr\\/lib\\//", NULL, false, "/usr/lib/x.so", true},
      {"/^\\/usr\\/lib\\//", NULL, false, "/opt/usr/lib/x.so", false},
      {"/\\.(so|jar)(\\.[0-9]+)*$/", NULL, false, "/l/libc.so.6", true},
      {"/\\.(so|jar)(\\.[0-9]+)*$/", NULL, false, "/l/libc.sox", false},
      {"/\\.so$/", NULL, true, "/l/x.so", false},
      {"/\\.so$/", NULL, true, "/l/x.c", true},
      /* Two characters or one are no expression. */
      {"/", NULL, false, "/", true},
      {"/", NULL, false, "/bin/sh", false},
      {"//", NULL, false, "//", true},
      {"//", NULL, false, "/bin/sh", false},
      {"/./", NULL, false, "/bin/sh", true},
      {"/lib", NULL, false, "/lib/x", false},
      {"lib/", NULL, false, "/lib/x", false},
      /* Any pattern of several decides. */
      {"a", "b", false, "a", true},
      {"a", "b", false, "b", true},
      {"a", "b", false, "c", false},
      {"a", "/b/", true, "a", false},
      {"a", "/b/", true, "xby", false},
      {"a", "/b/", true, "c", true},
      /* Raw names: any byte but NUL, matched as bytes. */
      {"/^\\/x y\n\xff$/", NULL, false, "/x y\n\xff", true},
      {"/x\n\xc3", NULL, false, "/x\n\xc3", true},
      /* An empty name is collected even so. */
      {"a", NULL, false, "", true},
      {"/x/", NULL, true, "", true},
  };

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
    ck_assert_msg(accepts(rows[i].one, rows[i].two, rows[i].ignore_selected,
                          rows[i].name) == rows[i].expected,
                  "row %zu: %s %s", i, rows[i].one, rows[i].name);
}
END_TEST

static void add_name(void *arg, const char *pattern) {
  strcat(arg, pattern);
}

/* Each pattern is asked, also after one has matched. */
START_TEST(filter_unmatched_tells_what_no_name_matched) {
  struct filter *filter = filter_new();
  char unmatched[64] = "", err[128];

  filter_unmatched(filter, add_name, unmatched);
  ck_assert_str_eq(unmatched, "");
  filter_add(filter, FILTER_WORDS, "dentry", err, sizeof(err));
  filter_add(filter, FILTER_WORDS, "/^den/", err, sizeof(err));
  filter_add(filter, FILTER_WORDS, "dentries", err, sizeof(err));
  filter_add(filter, FILTER_WORDS, "/x$/", err, sizeof(err));
  filter_accepts(filter, "dentry");
  filter_unmatched(filter, add_name, unmatched);
  ck_assert_str_eq(unmatched, "/x$/dentries");
  filter_accepts(filter, "box");
  unmatched[0] = '\0';
  filter_unmatched(filter, add_name, unmatched);
  ck_assert_str_eq(unmatched, "dentries");
  filter_free(filter);
}
END_TEST

START_TEST(filter_accepts_null_filter_accepts) {
  ck_assert(filter_accepts(NULL, "/bin/sh"));
}
END_TEST

START_TEST(filter_add_bad_regex_names_pattern_and_reason) {
  struct filter *filter = filter_new();
  char err[128] = "";

  ck_assert_int_eq(filter_add(filter, FILTER_PATHS, "/a[b/", err, sizeof(err)),
                   -EINVAL);
  ck_assert_ptr_nonnull(strstr(err, "\"/a[b/\""));
  ck_assert_ptr_nonnull(strstr(err, "Unmatched ["));
  ck_assert_ptr_null(strchr(err, '\n'));
  filter_free(filter);
}
END_TEST

START_TEST(filter_add_refused_pattern_leaves_list_as_it_was) {
  struct filter *filter = filter_new();
  char err[128];

  ck_assert_int_eq(filter_add(filter, FILTER_PATHS, "/(/", err, sizeof(err)),
                   -EINVAL);
  ck_assert_int_eq(filter_add(filter, FILTER_PATHS, "", err, sizeof(err)),
                   -EINVAL);
  ck_assert_msg(filter_accepts(filter, "anything"), "list no longer empty");
  filter_free(filter);
}
END_TEST

START_TEST(filter_add_long_error_is_cut_to_buffer) {
  struct filter *filter = filter_new();
  char err[8 + 1];

  err[8] = 'x';
  ck_assert_int_eq(filter_add(filter, FILTER_PATHS, "/(((((((((/", err, 8),
                   -EINVAL);
  ck_assert_uint_eq(strlen(err), 7);
  ck_assert_int_eq(err[8], 'x');
  filter_free(filter);
}
END_TEST

START_TEST(filter_add_pattern_is_copied) {
  struct filter *filter = filter_new();
  char pattern[] = "dentry", err[128];

  ck_assert_int_eq(filter_add(filter, FILTER_WORDS, pattern, err, sizeof(err)),
                   0);
  memset(pattern, 'x', strlen(pattern));
  ck_assert(filter_accepts(filter, "dentry"));
  ck_assert(!filter_accepts(filter, "xxxxxx"));
  filter_free(filter);
}
END_TEST

START_TEST(filter_free_null_is_accepted) {
  filter_free(NULL);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      filter_accepts_table_follows_ignorelist,
      filter_unmatched_tells_what_no_name_matched,
      filter_accepts_null_filter_accepts,
      filter_add_bad_regex_names_pattern_and_reason,
      filter_add_refused_pattern_leaves_list_as_it_was,
      filter_add_long_error_is_cut_to_buffer,
      filter_add_pattern_is_copied,
      filter_free_null_is_accepted,
  };

  return suite_of("filter", tests, ARRAY_SIZE(tests));
}
