// SPDX-License-Identifier: MIT
/* pagefault/hooks: what is tried in which order on kernels as they are. */
#include "pagefault/hooks.h"

#include "check_main.h"

#include <string.h>

/* What the table asks about. */
struct kernel {
  const char *name;
  bool fexit, rdonly_cast, preempts;
};

static bool exists(void *ctx, const struct hook_need *need) {
  const struct kernel *kernel = ctx;

  switch (need->kind) {
  case HOOK_NEEDS_FUNCTION:
    ck_assert_str_eq(need->name, "handle_mm_fault");
    return kernel->fexit;
  case HOOK_NEEDS_KFUNC:
    ck_assert_str_eq(need->name, "bpf_rdonly_cast");
    return kernel->rdonly_cast;
  case HOOK_NEEDS_NO_PREEMPTION:
    return !kernel->preempts;
  default:
    ck_abort_msg("asks about %s %s", hook_need_name(need->kind), need->name);
  }
}

/* A letter for each candidate: F for fexit; E for the event by plain loads, e
 * for it by copies, each followed by + with the program for faults that raise
 * none. */
static void append(char *order, const struct hook_candidate *candidate) {
  if (candidate->kind == SETTINGS_HOOKS_FEXIT) {
    ck_assert_str_eq(candidate->programs[0], "pf_fexit");
    strcat(order, "F");
    return;
  }
  ck_assert_int_eq(candidate->kind, SETTINGS_HOOKS_EVENT);
  strcat(order, hook_needs(candidate, HOOK_NEEDS_KFUNC) ? "E" : "e");
  if (candidate->programs[PAGEFAULT_SILENT])
    strcat(order, "+");
}

/* As the probe does when none of them loads. */
static void check_order(const struct kernel *kernel, enum settings_hooks wanted,
                        const char *expected) {
  struct kernel copy = *kernel;
  char order[32] = "";
  unsigned i = 0;

  while ((i = hook_choose(&pagefault_hooks[PAGEFAULT_FAULT], i, wanted, exists,
                          &copy)) < pagefault_hooks[PAGEFAULT_FAULT].count)
    append(order, &pagefault_hooks[PAGEFAULT_FAULT].candidates[i++]);
  ck_assert_msg(!strcmp(order, expected), "%s, %s: %s", kernel->name,
                settings_hooks_name(wanted), order);
}

START_TEST(pagefault_hooks_suit_each_kernel) {
  static const struct {
    struct kernel kernel;
    const char *by_auto, *fexit, *event;
  } rows[] = {
      {{"5.10, 6.1", .fexit = true}, "Fe+eF", "FF", "e+e"},
      {{"6.12", .fexit = true, .rdonly_cast = true},
       "FE+e+EeF",
       "FF",
       "E+e+Ee"},
      {{"6.12 preempt=full, 7.3", .fexit = true, .rdonly_cast = true,
        .preempts = true},
       "E+e+EeF",
       "F",
       "E+e+Ee"},
      {{"5.10 preempt=full", .fexit = true, .preempts = true},
       "e+eF",
       "F",
       "e+e"},
      {{"6.18 that refuses fexit", .rdonly_cast = true}, "Ee", "", "Ee"},
      {{"the same, preemptible", .rdonly_cast = true, .preempts = true},
       "Ee",
       "",
       "Ee"},
      {{"no BTF of its own", .fexit = false}, "e", "", "e"},
  };

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    check_order(&rows[i].kernel, SETTINGS_HOOKS_AUTO, rows[i].by_auto);
    check_order(&rows[i].kernel, SETTINGS_HOOKS_FEXIT, rows[i].fexit);
    check_order(&rows[i].kernel, SETTINGS_HOOKS_EVENT, rows[i].event);
  }
}
END_TEST

/* Faults are there on every kernel, and so is one hook for them. */
START_TEST(pagefault_hooks_always_end_with_one_that_needs_nothing) {
  const struct kernel bare = {.name = "bare", .preempts = true};
  struct kernel copy = bare;

  ck_assert(hook_is_present(&pagefault_hooks[PAGEFAULT_FAULT], exists, &copy));
  check_order(&bare, SETTINGS_HOOKS_AUTO, "e");
}
END_TEST

/* What the option does not offer for faults names no hook. */
START_TEST(pagefault_hooks_have_no_others) {
  const struct kernel all = {.name = "all", .fexit = true, .rdonly_cast = true};

  check_order(&all, SETTINGS_HOOKS_KPROBE, "");
  check_order(&all, SETTINGS_HOOKS_TRACEPOINT, "");
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      pagefault_hooks_suit_each_kernel,
      pagefault_hooks_always_end_with_one_that_needs_nothing,
      pagefault_hooks_have_no_others,
  };

  return suite_of("pagefault_hooks", tests, ARRAY_SIZE(tests));
}
