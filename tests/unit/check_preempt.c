// SPDX-License-Identifier: MIT
/* preempt: what kernels say about themselves, and what follows. */
#include "kernel/preempt.h"

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

Suite *suite(void) {
  const TTest *tests[] = {
      preempt_judge_believes_the_mode_in_force,
      preempt_judge_without_debugfs_asks_the_command_line,
      preempt_judge_untold_takes_what_kernels_do_by_themselves,
      preempt_judge_of_one_model_only_needs_no_more,
  };

  return suite_of("preempt", tests, ARRAY_SIZE(tests));
}
