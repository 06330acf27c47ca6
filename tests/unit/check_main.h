/* SPDX-License-Identifier: MIT */
/* What every libcheck program shares: check_main.c runs its suite(). */
#ifndef BPFMEM_CHECK_MAIN_H
#define BPFMEM_CHECK_MAIN_H

#include <check.h>
#include <stddef.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Seconds: for a machine that does much else, with sanitizers or coverage. */
#define TIMEOUT 120

/* Defined by the test. */
Suite *suite(void);

/* One suite of one case that runs the given tests, each between `setup` and
 * `teardown` (or NULL). */
static inline Suite *suite_with(const char *name, SFun setup, SFun teardown,
                                const TTest *const *tests, size_t count) {
  Suite *suite = suite_create(name);
  TCase *all = tcase_create(name);

  tcase_set_timeout(all, TIMEOUT);
  tcase_add_checked_fixture(all, setup, teardown);
  for (size_t i = 0; i < count; i++)
    tcase_add_test(all, tests[i]);
  suite_add_tcase(suite, all);
  return suite;
}

static inline Suite *suite_of(const char *name, const TTest *const *tests,
                              size_t count) {
  return suite_with(name, NULL, NULL, tests, count);
}

#endif
