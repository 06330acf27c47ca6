// SPDX-License-Identifier: MIT
/* preempt: what kernels say about themselves, and what follows. The missed
 * faults that the kernel's own count reveals. */
#include "kernel/preempt.h"
#include "pagefault/missed.h"
#include "pagefault/watch.h"

#include "check_main.h"

#define DYNAMIC "#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-09-01)"
#define CMDLINE "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet\n"

START_TEST(preempt_judge_believes_the_mode_in_force) {
  static const struct {
    const char *modes;
    bool preempts;
  } rows[] = {{"(none) voluntary full \n", false},
              {"none (voluntary) full \n", false},
              {"none voluntary (full) \n", true},
              {"none voluntary full (lazy) \n", true},
              {"(full) lazy \n", true}};

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
    for (int lazy = 0; lazy < 2; lazy++) {
      const struct preempt_facts facts = {
          DYNAMIC, rows[i].modes,
          rows[i].preempts ? "preempt=none" : "preempt=full", lazy};

      ck_assert_msg(preempt_judge(&facts) == rows[i].preempts, "%s",
                    rows[i].modes);
    }
}
END_TEST

START_TEST(preempt_judge_without_debugfs_asks_the_command_line) {
  static const struct {
    const char *cmdline;
    bool preempts;
  } rows[] = {{"preempt=full", true},
              {"quiet preempt=lazy ro\n", true},
              {"preempt=none", false},
              {"a preempt=voluntary", false},
              {"preempt=full preempt=none\n", false}, /* the last one counts */
              {"preempt=none preempt=full\n", true}};

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
    for (int lazy = 0; lazy < 2; lazy++) {
      const struct preempt_facts facts = {DYNAMIC, NULL, rows[i].cmdline, lazy};

      ck_assert_msg(preempt_judge(&facts) == rows[i].preempts, "%s",
                    rows[i].cmdline);
    }
}
END_TEST

START_TEST(preempt_judge_untold_takes_what_kernels_do_by_themselves) {
  static const char *const cmdlines[] = {
      NULL, "", CMDLINE, "xpreempt=full", "preemptible=full", "preempt"};

  for (size_t i = 0; i < ARRAY_SIZE(cmdlines); i++)
    for (int lazy = 0; lazy < 2; lazy++) {
      const struct preempt_facts facts = {DYNAMIC, NULL, cmdlines[i], lazy};

      ck_assert_int_eq(preempt_judge(&facts), lazy);
    }
}
END_TEST

START_TEST(preempt_judge_of_one_model_only_needs_no_more) {
  static const struct {
    const char *version;
    bool preempts;
  } rows[] = {{"#1 SMP Debian 5.10.262-1 (2026-07-31)", false},
              {"#1 SMP PREEMPT Debian 6.18.1", true},
              {"#1 SMP PREEMPT_RT Debian 6.12.1", true},
              {"#1 SMP PREEMPT_RT PREEMPT_DYNAMIC Debian 6.12.1", true},
              {"#1 SMP PREEMPT_LAZY Thu", true},
              {"#1 SMP NOPREEMPT Thu", false},
              {"", false},
              {NULL, true}}; /* not known: rather dear than wrong */

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    const struct preempt_facts facts = {rows[i].version, "(none) full",
                                        "preempt=none", false};

    ck_assert_msg(preempt_judge(&facts) == rows[i].preempts, "%s",
                  rows[i].version ? rows[i].version : "NULL");
  }
}
END_TEST

START_TEST(missed_is_the_difference_since_the_start) {
  struct pagefault_missed missed;

  pagefault_missed_start(&missed, 1009, 503);
  ck_assert_uint_eq(pagefault_missed_update(&missed, 1109, 603), 0);
  pagefault_missed_update(&missed, 1209, 696);
  ck_assert_uint_eq(pagefault_missed_update(&missed, 1209, 696), 7);
}
END_TEST

/* A task was preempted between the kernel's count and ours. */
START_TEST(missed_does_not_take_what_is_late_for_missed) {
  struct pagefault_missed missed;

  pagefault_missed_start(&missed, 0, 0);
  ck_assert_uint_eq(pagefault_missed_update(&missed, 100, 97), 0);
  ck_assert_uint_eq(pagefault_missed_update(&missed, 100, 100), 0);
  ck_assert_uint_eq(pagefault_missed_update(&missed, 200, 199), 0);
  ck_assert_uint_eq(pagefault_missed_update(&missed, 300, 299), 1);
}
END_TEST

START_TEST(missed_never_goes_back) {
  struct pagefault_missed missed;

  pagefault_missed_start(&missed, 0, 0);
  for (int i = 0; i < 2; i++)
    pagefault_missed_update(&missed, 100, 89);
  ck_assert_uint_eq(missed.sure, 11);
  ck_assert_uint_eq(pagefault_missed_update(&missed, 200, 205), 11);
  ck_assert_uint_eq(pagefault_missed_update(&missed, 200, 189), 11);
  ck_assert_uint_eq(pagefault_missed_update(&missed, 300, 287), 11);
  ck_assert_uint_eq(pagefault_missed_update(&missed, 300, 287), 13);
}
END_TEST

/* Programs may have counted before the start, and counters wrap. */
START_TEST(missed_start_may_be_anywhere) {
  struct pagefault_missed missed;

  pagefault_missed_start(&missed, 3, 1009);
  pagefault_missed_update(&missed, 10, 1011);
  ck_assert_uint_eq(pagefault_missed_update(&missed, 10, 1011), 5);
  pagefault_missed_start(&missed, UINT64_MAX - 1, 0);
  pagefault_missed_update(&missed, 5, 4);
  ck_assert_uint_eq(pagefault_missed_update(&missed, 5, 4), 3);
}
END_TEST

/* Before, while and after a hook is switched off, each within an interval. */
START_TEST(watch_loses_what_came_while_off) {
  struct pagefault_watch watch;

  pagefault_watch_start(&watch, 1009, 503);
  pagefault_watch_update(&watch, 1109, 603, false);
  ck_assert_uint_eq(watch.lost, 0);
  pagefault_watch_update(&watch, 1209, 642, false); /* off since 39 of 100 */
  ck_assert_uint_eq(watch.lost, 0);
  pagefault_watch_update(&watch, 1309, 642, true);
  ck_assert_uint_eq(watch.lost, 161);
  pagefault_watch_update(&watch, 1409, 642, true);
  ck_assert_uint_eq(watch.lost, 261);
  pagefault_watch_update(&watch, 1509, 729, false); /* on for the last 87 */
  ck_assert_uint_eq(watch.lost, 274);
  pagefault_watch_update(&watch, 1609, 828, false);
  ck_assert_uint_eq(watch.lost, 274);
}
END_TEST

/* What is late at the one read and there at the next. */
START_TEST(watch_never_goes_back) {
  struct pagefault_watch watch;

  pagefault_watch_start(&watch, 0, 0);
  pagefault_watch_update(&watch, 100, 103, false);
  pagefault_watch_update(&watch, 101, 103, true);
  ck_assert_uint_eq(watch.lost, 1);
  pagefault_watch_update(&watch, 150, 203, false);
  ck_assert_uint_eq(watch.lost, 1);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      preempt_judge_believes_the_mode_in_force,
      preempt_judge_without_debugfs_asks_the_command_line,
      preempt_judge_untold_takes_what_kernels_do_by_themselves,
      preempt_judge_of_one_model_only_needs_no_more,
      missed_is_the_difference_since_the_start,
      missed_does_not_take_what_is_late_for_missed,
      missed_never_goes_back,
      missed_start_may_be_anywhere,
      watch_loses_what_came_while_off,
      watch_never_goes_back,
  };

  return suite_of("preempt", tests, ARRAY_SIZE(tests));
}
