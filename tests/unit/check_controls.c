// SPDX-License-Identifier: MIT
/* controls: what the keys of bpfmem-top's full screen choose. */
#include "bpfmem-top/controls.h"

#include "check_main.h"

#include <ncurses.h>
#include <string.h>

static struct controls controls;

static void begin(bool files, bool caches) {
  const struct options options = {.interval_ns = 1000000000,
                                  .sort = {COLUMN_HURT, COLUMN_HURT}};
  const bool available[PROBE_COUNT] = {files, caches};

  controls_init(&controls, &options, available);
}

static void setup(void) {
  begin(true, true);
}

static void teardown(void) {
  controls_fini(&controls);
}

static void type(const char *keys) {
  while (*keys)
    controls_key(&controls, *keys++);
}

static void assert_shown(bool files, bool caches, enum probe_id focus) {
  ck_assert_int_eq(controls.shown[PROBE_PAGEFAULT], files);
  ck_assert_int_eq(controls.shown[PROBE_SLAB], caches);
  ck_assert_int_eq(controls.focus, focus);
}

START_TEST(controls_tables_focus_is_shown) {
  assert_shown(true, true, PROBE_PAGEFAULT);
  type("s");
  assert_shown(false, true, PROBE_SLAB);
  type("\t");
  assert_shown(false, true, PROBE_SLAB);
  type("b\t");
  assert_shown(true, true, PROBE_PAGEFAULT);
  type("\tf");
  assert_shown(true, false, PROBE_PAGEFAULT);
}
END_TEST

START_TEST(controls_tables_not_counted_says_so) {
  controls_fini(&controls);
  begin(false, true);
  assert_shown(false, true, PROBE_SLAB);
  type("f");
  assert_shown(false, true, PROBE_SLAB);
  ck_assert_str_ne(controls.message, "");
  type("b");
  assert_shown(false, true, PROBE_SLAB);
  ck_assert_str_eq(controls.message, "");
}
END_TEST

START_TEST(controls_sort_goes_round_the_columns_of_the_focus) {
  static const enum column files[] = {COLUMN_MINOR,   COLUMN_MAJOR,
                                      COLUMN_STALLED, COLUMN_EVENTS,
                                      COLUMN_NAME,    COLUMN_HURT};

  for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
    type(">");
    ck_assert_int_eq(controls.sort[PROBE_PAGEFAULT], files[i]);
  }
  controls_key(&controls, KEY_LEFT);
  ck_assert_int_eq(controls.sort[PROBE_PAGEFAULT], COLUMN_NAME);
  type("\t>>>>");
  ck_assert_int_eq(controls.sort[PROBE_SLAB], COLUMN_GROWTH);
  ck_assert_int_eq(controls.sort[PROBE_PAGEFAULT], COLUMN_NAME);
}
END_TEST

static bool passes(const char *name) {
  return !controls_filter(&controls) ||
         !regexec(controls_filter(&controls), name, 0, NULL, 0);
}

START_TEST(controls_filter_is_typed) {
  type("/lib");
  ck_assert(controls.edits);
  ck_assert(passes("/usr/lib/a") && !passes("/srv/q"));
  type("q\x7f\n");
  ck_assert(!controls.edits && !controls.quits);
  ck_assert_str_eq(controls.filter, "lib");
  type("/(");
  ck_assert_str_ne(controls.message, "");
  ck_assert(passes("/usr/lib/a") && !passes("/srv/q"));
  /* What is shown as the filter is the one that filters. */
  type("\n");
  ck_assert(controls.edits);
  ck_assert_str_ne(controls.message, "");
  type("srv)\x1b");
  ck_assert_str_eq(controls.filter, "lib");
  ck_assert(!passes("/srv/q"));
  type("/\x15");
  controls_key(&controls, KEY_ENTER);
  ck_assert_ptr_null(controls_filter(&controls));
}
END_TEST

START_TEST(controls_filter_too_long_or_strange_is_cut) {
  type("/");
  for (int i = 0; i < 2 * OPTIONS_FILTER_SIZE; i++)
    controls_key(&controls, 'x');
  controls_key(&controls, KEY_DOWN);
  controls_key(&controls, 0xe9);
  controls_key(&controls, 1);
  ck_assert_uint_eq(strlen(controls.filter), OPTIONS_FILTER_SIZE - 1);
  ck_assert_uint_eq(strspn(controls.filter, "x"), OPTIONS_FILTER_SIZE - 1);
  for (int i = 0; i < 2 * OPTIONS_FILTER_SIZE; i++)
    controls_key(&controls, KEY_BACKSPACE);
  ck_assert_str_eq(controls.filter, "");
}
END_TEST

START_TEST(controls_interval_has_ends) {
  type("+");
  ck_assert_uint_eq(controls.interval_ns, 2000000000);
  type("--");
  ck_assert_uint_eq(controls.interval_ns, 500000000);
  type("---------");
  ck_assert_uint_eq(controls.interval_ns, 100000000);
  controls.interval_ns = 86400000000000;
  type("+");
  ck_assert_uint_eq(controls.interval_ns, 86400000000000);
  type("-");
  ck_assert_uint_eq(controls.interval_ns, 300000000000);
}
END_TEST

START_TEST(controls_switches_go_back) {
  type("p");
  ck_assert(controls.pauses);
  type("pc");
  ck_assert(!controls.pauses);
  ck_assert_int_eq(controls.form, LINE_TOTALS);
  type("e");
  ck_assert_int_eq(controls.form, LINE_EXACT);
  type("e ");
  ck_assert_int_eq(controls.form, LINE_RATES);
  ck_assert(controls.hurries);
}
END_TEST

START_TEST(controls_help_any_key_goes_back) {
  type("?");
  ck_assert(controls.helps);
  type("q");
  ck_assert(!controls.helps && !controls.quits);
  type("q");
  ck_assert(controls.quits);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      controls_tables_focus_is_shown,
      controls_tables_not_counted_says_so,
      controls_sort_goes_round_the_columns_of_the_focus,
      controls_filter_is_typed,
      controls_filter_too_long_or_strange_is_cut,
      controls_interval_has_ends,
      controls_switches_go_back,
      controls_help_any_key_goes_back,
  };

  return suite_with("controls", setup, teardown, tests, ARRAY_SIZE(tests));
}
