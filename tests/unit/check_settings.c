// SPDX-License-Identifier: MIT
/* settings: defaults, the options of each block, and what errors say. */
#include "core/settings.h"

#include "check_main.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct settings settings;
static char err[256];

static void setup(void) {
  ck_assert_int_eq(settings_init(&settings), 0);
}

static void teardown(void) {
  settings_fini(&settings);
}

/* As if each option stood alone: those given twice have their own test. */
static int set(const char *block, const char *key,
               const struct settings_value *value) {
  settings.given = 0;
  return settings_set(&settings, block, key, value, err, sizeof(err));
}

static int set_bool(const char *block, const char *key, bool boolean) {
  struct settings_value value = {SETTINGS_BOOL, {.boolean = boolean}};

  return set(block, key, &value);
}

static int set_number(const char *block, const char *key, double number) {
  struct settings_value value = {SETTINGS_NUMBER, {.number = number}};

  return set(block, key, &value);
}

static int set_string(const char *block, const char *key, const char *string) {
  struct settings_value value = {SETTINGS_STRING, {.string = string}};

  return set(block, key, &value);
}

START_TEST(settings_init_untouched_has_defaults) {
  ck_assert(settings.pagefaults.collect && settings.slab.collect);
  ck_assert(settings.report_statistics);
  ck_assert(!settings.slab.report_bytes);
  ck_assert_uint_eq(settings.pagefaults.max_series, 16);
  ck_assert_uint_eq(settings.slab.max_series, 8);
  ck_assert_uint_eq(settings.pagefaults.max_tracked, 8192);
  ck_assert_int_eq(settings.pagefaults.hooks, SETTINGS_HOOKS_AUTO);
  ck_assert_int_eq(settings.slab.hooks, SETTINGS_HOOKS_AUTO);
  ck_assert_uint_eq(settings.pagefaults.sample_above, 200000);
  ck_assert_ptr_null(settings.btf);
  ck_assert(filter_accepts(settings.pagefaults.filter, "/bin/sh"));
  ck_assert(filter_accepts(settings.slab.filter, "dentry"));
  ck_assert(groups_claim(settings.pagefaults.groups, "rrd"));
}
END_TEST

START_TEST(settings_set_booleans_reach_their_field) {
  ck_assert_int_eq(set_bool(NULL, "CollectPageFaults", false), 0);
  ck_assert(!settings.pagefaults.collect && settings.slab.collect);
  ck_assert_int_eq(set_bool(NULL, "CollectSlab", false), 0);
  ck_assert(!settings.slab.collect && settings.report_statistics);
  ck_assert_int_eq(set_bool(NULL, "ReportStatistics", false), 0);
  ck_assert(!settings.report_statistics);
  ck_assert_int_eq(set_bool("Slab", "ReportBytes", true), 0);
  ck_assert(settings.slab.report_bytes && !settings.pagefaults.report_bytes);
}
END_TEST

START_TEST(settings_set_names_compare_without_case) {
  ck_assert_int_eq(set_bool(NULL, "collectslab", false), 0);
  ck_assert(!settings.slab.collect);
  ck_assert_int_eq(set_number("pagefaults", "MAXSERIES", 7), 0);
  ck_assert_uint_eq(settings.pagefaults.max_series, 7);
}
END_TEST

START_TEST(settings_set_quoted_boolean_is_accepted) {
  static const char *const words[][2] = {
      {"true", "false"}, {"Yes", "no"}, {"ON", "Off"}};

  for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
    ck_assert_int_eq(set_string("Slab", "ReportBytes", words[i][0]), 0);
    ck_assert(settings.slab.report_bytes);
    ck_assert_int_eq(set_string("Slab", "ReportBytes", words[i][1]), 0);
    ck_assert(!settings.slab.report_bytes);
  }
}
END_TEST

START_TEST(settings_set_numbers_at_bounds_are_accepted) {
  ck_assert_int_eq(set_number("PageFaults", "MaxSeries", 0), 0);
  ck_assert_uint_eq(settings.pagefaults.max_series, 0);
  ck_assert_int_eq(set_number("Slab", "MaxSeries", 1000), 0);
  ck_assert_uint_eq(settings.slab.max_series, 1000);
  ck_assert_int_eq(set_number("PageFaults", "MaxTracked", 64), 0);
  ck_assert_uint_eq(settings.pagefaults.max_tracked, 64);
  ck_assert_int_eq(set_number("PageFaults", "MaxTracked", 1048576), 0);
  ck_assert_uint_eq(settings.pagefaults.max_tracked, 1048576);
  ck_assert_int_eq(set_number("PageFaults", "MaxTracked", 1009), 0);
  ck_assert_uint_eq(settings.pagefaults.max_tracked, 1009);
  ck_assert_int_eq(set_number("PageFaults", "SampleAbove", 0), 0);
  ck_assert_uint_eq(settings.pagefaults.sample_above, 0);
  ck_assert_int_eq(set_number("PageFaults", "SampleAbove", 1e9), 0);
  ck_assert_uint_eq(settings.pagefaults.sample_above, 1000000000);
}
END_TEST

START_TEST(settings_set_bad_number_is_refused) {
  static const double numbers[] = {-1,       -0.5,      20.5,  1000.001,
                                   1001,     1e9,       1e300, 4294967297.0,
                                   INFINITY, -INFINITY, NAN};

  for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
    ck_assert_msg(set_number("Slab", "MaxSeries", numbers[i]) == -EINVAL,
                  "%g accepted", numbers[i]);
  ck_assert_uint_eq(settings.slab.max_series, 8);
  ck_assert_int_eq(set_number("PageFaults", "MaxTracked", 63), -EINVAL);
  ck_assert_int_eq(set_number("PageFaults", "MaxTracked", 1048577), -EINVAL);
  ck_assert_int_eq(set_number("PageFaults", "SampleAbove", -1), -EINVAL);
  ck_assert_int_eq(set_number("PageFaults", "SampleAbove", 1e9 + 1), -EINVAL);
  ck_assert_uint_eq(settings.pagefaults.max_tracked, 8192);
  ck_assert_uint_eq(settings.pagefaults.sample_above, 200000);
}
END_TEST

START_TEST(settings_set_quoted_number_is_accepted) {
  static const char *const bad[] = {"",   "-1",  "+5",  " 5",  "5 ",
                                    "5x", "2.5", "nan", "inf", "1001"};

  ck_assert_int_eq(set_string("Slab", "MaxSeries", "30"), 0);
  ck_assert_uint_eq(settings.slab.max_series, 30);
  ck_assert_int_eq(set_string("PageFaults", "SampleAbove", "1e6"), 0);
  ck_assert_uint_eq(settings.pagefaults.sample_above, 1000000);
  for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
    ck_assert_msg(set_string("Slab", "MaxSeries", bad[i]) == -EINVAL,
                  "\"%s\" accepted", bad[i]);
  ck_assert_uint_eq(settings.slab.max_series, 30);
}
END_TEST

START_TEST(settings_set_wrong_type_is_refused) {
  ck_assert_int_eq(set_bool("Slab", "MaxSeries", true), -EINVAL);
  ck_assert_int_eq(set_number("Slab", "ReportBytes", 1), -EINVAL);
  ck_assert_int_eq(set_string("Slab", "ReportBytes", "maybe"), -EINVAL);
  ck_assert_int_eq(set_string("Slab", "IgnoreSelected", ""), -EINVAL);
  ck_assert_int_eq(set_number("Slab", "Hooks", 0), -EINVAL);
  ck_assert_int_eq(set_bool("Slab", "Cache", true), -EINVAL);
  ck_assert_int_eq(set_number("PageFaults", "File", 1), -EINVAL);
}
END_TEST

static void expect_hooks(const char *block, const enum settings_hooks *hooks,
                         const bool allowed[SETTINGS_HOOKS_COUNT]) {
  enum settings_hooks last = SETTINGS_HOOKS_AUTO;

  for (int i = 0; i < SETTINGS_HOOKS_COUNT; i++) {
    const char *name = settings_hooks_name(i);

    ck_assert_msg(set_string(block, "Hooks", name) ==
                      (allowed[i] ? 0 : -EINVAL),
                  "%s in <%s>", name, block);
    if (allowed[i])
      last = i;
    ck_assert_int_eq(*hooks, last);
  }
  ck_assert_int_eq(set_string(block, "Hooks", "FExit"), 0);
  ck_assert_int_eq(set_string(block, "Hooks", "fentry"), -EINVAL);
  ck_assert_int_eq(set_string(block, "Hooks", ""), -EINVAL);
  ck_assert_int_eq(*hooks, SETTINGS_HOOKS_FEXIT);
}

START_TEST(settings_set_hooks_are_those_of_the_block) {
  expect_hooks("PageFaults", &settings.pagefaults.hooks,
               (const bool[SETTINGS_HOOKS_COUNT]){
                   [SETTINGS_HOOKS_AUTO] = true,
                   [SETTINGS_HOOKS_FEXIT] = true,
                   [SETTINGS_HOOKS_EVENT] = true,
               });
  expect_hooks("Slab", &settings.slab.hooks,
               (const bool[SETTINGS_HOOKS_COUNT]){
                   [SETTINGS_HOOKS_AUTO] = true,
                   [SETTINGS_HOOKS_FEXIT] = true,
                   [SETTINGS_HOOKS_KPROBE] = true,
                   [SETTINGS_HOOKS_TRACEPOINT] = true,
               });
}
END_TEST

START_TEST(settings_set_hooks_of_old_name_the_new_ones) {
  static const char *const gone[] = {"kprobe", "Tracepoint"};
  char expected[256];

  for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
    ck_assert_int_eq(set_string("pagefaults", "Hooks", gone[i]), -EINVAL);
    snprintf(expected, sizeof(expected),
             "option Hooks in <PageFaults>: \"%s\" is no more; use one of "
             "\"auto\", \"fexit\", \"event\"",
             gone[i]);
    ck_assert_str_eq(err, expected);
  }
}
END_TEST

START_TEST(settings_set_recover_missed_is_warned_of_and_ignored) {
  static const char *const words[] = {"Auto", "off", "true"};
  const char *warning =
      "option RecoverMissed in <Slab> has no effect any more and will be "
      "refused in 0.3: remove it";

  ck_assert_int_eq(set_bool("Slab", "RecoverMissed", false), 1);
  ck_assert_str_eq(err, warning);
  for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
    err[0] = '\0';
    ck_assert_int_eq(set_string("Slab", "RecoverMissed", words[i]), 1);
    ck_assert_str_eq(err, warning);
  }
  ck_assert_int_eq(set_number("Slab", "RecoverMissed", 1), -EINVAL);
  ck_assert_str_eq(err, "option RecoverMissed in <Slab>: 1 is not \"auto\", "
                        "true or false");
}
END_TEST

START_TEST(settings_set_btf_takes_an_absolute_path) {
  ck_assert_int_eq(set_string(NULL, "BTF", "/boot/a.btf"), 0);
  ck_assert_str_eq(settings.btf, "/boot/a.btf");
  ck_assert_int_eq(set_string(NULL, "btf", "/b"), 0);
  ck_assert_str_eq(settings.btf, "/b");
  ck_assert_int_eq(set_string(NULL, "BTF", "boot/a.btf"), -EINVAL);
  ck_assert_str_eq(err, "option BTF: \"boot/a.btf\" is not an absolute path");
  ck_assert_int_eq(set_string(NULL, "BTF", ""), -EINVAL);
  ck_assert_int_eq(set_bool(NULL, "BTF", true), -EINVAL);
  ck_assert_str_eq(settings.btf, "/b");
}
END_TEST

START_TEST(settings_set_patterns_add_up_in_their_block) {
  ck_assert_int_eq(set_string("PageFaults", "File", "/bin/sh"), 0);
  ck_assert_int_eq(set_string("PageFaults", "File", "/^\\/usr\\//"), 0);
  ck_assert_int_eq(set_string("Slab", "Cache", "dentry"), 0);
  ck_assert(filter_accepts(settings.pagefaults.filter, "/bin/sh"));
  ck_assert(filter_accepts(settings.pagefaults.filter, "/usr/x"));
  ck_assert(!filter_accepts(settings.pagefaults.filter, "dentry"));
  ck_assert(filter_accepts(settings.slab.filter, "dentry"));
  ck_assert(!filter_accepts(settings.slab.filter, "/bin/sh"));
}
END_TEST

START_TEST(settings_set_ignore_selected_inverts_its_block) {
  ck_assert_int_eq(set_string("PageFaults", "File", "/x"), 0);
  ck_assert_int_eq(set_string("Slab", "Cache", "x"), 0);
  ck_assert_int_eq(set_bool("PageFaults", "IgnoreSelected", true), 0);
  ck_assert(!filter_accepts(settings.pagefaults.filter, "/x"));
  ck_assert(filter_accepts(settings.slab.filter, "x"));
  ck_assert_int_eq(set_bool("Slab", "IgnoreSelected", true), 0);
  ck_assert(!filter_accepts(settings.slab.filter, "x"));
}
END_TEST

START_TEST(settings_set_errors_name_option_value_and_allowed) {
  set_number("Slab", "MaxSeries", 20.5);
  ck_assert_str_eq(
      err, "option MaxSeries in <Slab>: 20.5 is not an integer from 0 to 1000");
  set_number("PageFaults", "MaxTracked", 1e9);
  ck_assert_str_eq(err, "option MaxTracked in <PageFaults>: 1000000000 is not "
                        "an integer from 64 to 1048576");
  set_string("Slab", "maxseries", "many");
  ck_assert_str_eq(
      err,
      "option MaxSeries in <Slab>: \"many\" is not an integer from 0 to 1000");
  set_string("Slab", "ReportBytes", "si");
  ck_assert_str_eq(err,
                   "option ReportBytes in <Slab>: \"si\" is not true or false");
  set_string("Slab", "Hooks", "magic");
  ck_assert_str_eq(err,
                   "option Hooks in <Slab>: \"magic\" is not one of \"auto\", "
                   "\"fexit\", \"kprobe\", \"tracepoint\"");
  set_bool("Slab", "Cache", true);
  ck_assert_str_eq(
      err, "option Cache in <Slab>: true is not a name or a \"/regex/\"");
  set_string("PageFaults", "File", "/[/");
  ck_assert_ptr_eq(strstr(err, "option File in <PageFaults>: \"/[/\" is not a "
                               "valid regular expression: "),
                   err);
}
END_TEST

START_TEST(settings_set_unknown_option_lists_those_of_its_block) {
  ck_assert_int_eq(set_bool(NULL, "Colect", true), -EINVAL);
  ck_assert_str_eq(err, "unknown option \"Colect\"; allowed are "
                        "CollectPageFaults, CollectSlab, ReportStatistics, "
                        "BTF, <PageFaults>, <Slab>");
  ck_assert_int_eq(set_bool("PageFaults", "ReportBytes", true), -EINVAL);
  ck_assert_str_eq(err, "unknown option \"ReportBytes\" in <PageFaults>; "
                        "allowed are File, IgnoreSelected, Group, "
                        "StockGroups, MaxSeries, MaxTracked, SampleAbove, "
                        "Hooks");
  ck_assert_int_eq(set_number("slab", "MaxTracked", 100), -EINVAL);
  ck_assert_str_eq(err, "unknown option \"MaxTracked\" in <slab>; allowed are "
                        "Cache, IgnoreSelected, MaxSeries, ReportBytes, "
                        "Hooks, RecoverMissed");
  ck_assert_int_eq(set_number(NULL, "MaxSeries", 1), -EINVAL);
  ck_assert_int_eq(set_bool("Slab", "CollectSlab", false), -EINVAL);
}
END_TEST

START_TEST(settings_refuse_block_says_where_it_stands) {
  ck_assert_int_eq(settings_refuse_block(NULL, "PageFault", err, sizeof(err)),
                   -EINVAL);
  ck_assert_str_eq(err, "unknown block <PageFault>; allowed are <PageFaults>, "
                        "<Slab>");
  ck_assert_int_eq(settings_refuse_block("Slab", "Cache", err, sizeof(err)),
                   -EINVAL);
  ck_assert_str_eq(err, "unknown block <Cache> in <Slab>, which has options "
                        "alone");
}
END_TEST

START_TEST(settings_set_unknown_block_lists_blocks) {
  ck_assert_int_eq(set_bool("Pages", "MaxSeries", true), -EINVAL);
  ck_assert_str_eq(err, "unknown block <Pages>; allowed are <PageFaults>, "
                        "<Slab>");
  ck_assert(!settings_has_block("Pages"));
  ck_assert(settings_has_block("PageFaults"));
  ck_assert(settings_has_block("SLAB"));
}
END_TEST

START_TEST(settings_set_without_one_value_is_refused) {
  ck_assert_int_eq(set("Slab", "MaxSeries", NULL), -EINVAL);
  ck_assert_str_eq(err, "option MaxSeries in <Slab> takes exactly one value");
  ck_assert_int_eq(set(NULL, "MaxSeries", NULL), -EINVAL);
  ck_assert_ptr_eq(strstr(err, "unknown option \"MaxSeries\"; allowed"), err);
}
END_TEST

/* The option, given before with another value, is now this one. */
static int give_again(const char *block, const char *key,
                      struct settings_value before,
                      struct settings_value value) {
  settings.given = 0;
  ck_assert_int_ge(
      settings_set(&settings, block, key, &before, err, sizeof(err)), 0);
  err[0] = '\0';
  return settings_set(&settings, block, key, &value, err, sizeof(err));
}

#define NUMBER(value)                                                          \
  (struct settings_value) {                                                    \
    SETTINGS_NUMBER, {                                                         \
      .number = (value)                                                        \
    }                                                                          \
  }
#define STRING(value)                                                          \
  (struct settings_value) {                                                    \
    SETTINGS_STRING, {                                                         \
      .string = (value)                                                        \
    }                                                                          \
  }

START_TEST(settings_set_again_says_which_value_holds) {
  ck_assert_int_eq(give_again("Slab", "MaxSeries", NUMBER(5), NUMBER(7)), 1);
  ck_assert_str_eq(err, "option MaxSeries in <Slab> is given more than once; "
                        "the last value holds: 7");
  ck_assert_uint_eq(settings.slab.max_series, 7);
  ck_assert_int_eq(give_again(NULL, "BTF", STRING("/a"), STRING("/b")), 1);
  ck_assert_str_eq(err, "option BTF is given more than once; the last value "
                        "holds: \"/b\"");
  ck_assert_int_eq(give_again("PageFaults", "File", STRING("/a"), STRING("/b")),
                   0);
  /* The same name in another block is another option. */
  ck_assert_int_eq(settings_set(&settings, "PageFaults", "MaxSeries",
                                &NUMBER(3), err, sizeof(err)),
                   0);
}
END_TEST

START_TEST(settings_set_pattern_that_can_match_nothing_is_warned_of) {
  static const struct {
    const char *block, *key, *pattern, *warning;
  } rows[] = {
      {"PageFaults", "File", "/srv/db/*.mdb", "in which * stands for itself"},
      {"PageFaults", "File", "/^/srv", "in which ^ stands for itself"},
      {"PageFaults", "File", "libc.so.6", "is not a path"},
      {"PageFaults", "File", "/\\d+/", "\\d means the letter d"},
      {"PageFaults", "File", "/a\\\\\\dot/", "\\d means the letter d"},
      {"Slab", "Cache", "kmalloc-*", "in which * stands for itself"},
      {"PageFaults", "File", "/srv/libstdc++.so", NULL},
      {"PageFaults", "File", "...usr/lib/x", NULL},
      {"PageFaults", "File", "/\\w\\.so$/", NULL},
      {"PageFaults", "File", "/a\\\\dot/", NULL},
      {"Slab", "Cache", "dentry", NULL},
  };

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    int status = set_string(rows[i].block, rows[i].key, rows[i].pattern);

    ck_assert_msg(status == (rows[i].warning ? 1 : 0), "%s: %d",
                  rows[i].pattern, status);
    ck_assert_msg(
        !status || (strstr(err, rows[i].warning) && strstr(err, rows[i].block)),
        "%s: %s", rows[i].pattern, err);
  }
}
END_TEST

START_TEST(settings_set_short_buffer_is_not_overrun) {
  struct settings_value value = {SETTINGS_BOOL, {.boolean = true}};

  memset(err, '#', sizeof(err));
  ck_assert_int_eq(settings_set(&settings, NULL, "Nope", &value, err, 10),
                   -EINVAL);
  ck_assert_str_eq(err, "unknown o");
  ck_assert_int_eq(err[10], '#');
}
END_TEST

START_TEST(settings_fini_twice_or_zeroed_is_accepted) {
  struct settings zeroed = {0};

  settings_fini(&zeroed);
  settings_fini(&settings);
  ck_assert_ptr_null(settings.slab.filter);
  settings_fini(&settings);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      settings_init_untouched_has_defaults,
      settings_set_booleans_reach_their_field,
      settings_set_names_compare_without_case,
      settings_set_quoted_boolean_is_accepted,
      settings_set_numbers_at_bounds_are_accepted,
      settings_set_bad_number_is_refused,
      settings_set_quoted_number_is_accepted,
      settings_set_wrong_type_is_refused,
      settings_set_hooks_are_those_of_the_block,
      settings_set_hooks_of_old_name_the_new_ones,
      settings_set_recover_missed_is_warned_of_and_ignored,
      settings_set_btf_takes_an_absolute_path,
      settings_set_patterns_add_up_in_their_block,
      settings_set_ignore_selected_inverts_its_block,
      settings_set_errors_name_option_value_and_allowed,
      settings_set_unknown_option_lists_those_of_its_block,
      settings_refuse_block_says_where_it_stands,
      settings_set_unknown_block_lists_blocks,
      settings_set_without_one_value_is_refused,
      settings_set_again_says_which_value_holds,
      settings_set_pattern_that_can_match_nothing_is_warned_of,
      settings_set_short_buffer_is_not_overrun,
      settings_fini_twice_or_zeroed_is_accepted,
  };

  return suite_with("settings", setup, teardown, tests, ARRAY_SIZE(tests));
}
