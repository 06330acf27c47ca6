// SPDX-License-Identifier: MIT
/* hook: the first candidate that is wanted and has all it needs; and what that
 * means for the slab tables on kernels as they are. */
#include "kernel/hook.h"
#include "slab/hooks.h"

#include "known_kernels.h"

#include "check_main.h"

#include <string.h>

static bool exists(void *ctx, const struct hook_need *need) {
  struct kernel *kernel = ctx;

  ck_assert_int_ne(need->kind, HOOK_NEEDS_NOTHING);
  ck_assert_ptr_nonnull(need->name);
  kernel->asked++;
  for (int i = 0; i < HAS_MAX && kernel->has[i].kind; i++)
    if (kernel->has[i].kind == need->kind &&
        !strcmp(kernel->has[i].name, need->name))
      return true;
  return false;
}

/* An event of our own: four candidates, of which two are of one kind. */
static const struct hook_candidate four[] = {
    {.kind = SETTINGS_HOOKS_FEXIT, .needs = {{HOOK_NEEDS_FUNCTION, "f"}}},
    {.kind = SETTINGS_HOOKS_KPROBE,
     .needs = {{HOOK_NEEDS_KPROBE, "f"}, {HOOK_NEEDS_SYMBOL, "s"}}},
    {.kind = SETTINGS_HOOKS_TRACEPOINT,
     .needs = {{HOOK_NEEDS_TRACEPOINT, "t"}}},
    {.kind = SETTINGS_HOOKS_KPROBE, .needs = {{HOOK_NEEDS_KPROBE, "f"}}},
};
static const struct hook_event event = {
    .name = "own", .count = ARRAY_SIZE(four), .candidates = four};
static const struct hook_event event_on_tracepoints = {
    .name = "own",
    .always_tracepoint = true,
    .count = ARRAY_SIZE(four),
    .candidates = four};

static const struct kernel has_all = {.has = {{HOOK_NEEDS_FUNCTION, "f"},
                                              {HOOK_NEEDS_KPROBE, "f"},
                                              {HOOK_NEEDS_SYMBOL, "s"},
                                              {HOOK_NEEDS_TRACEPOINT, "t"}}};
static const struct kernel has_kprobe = {.has = {{HOOK_NEEDS_KPROBE, "f"}}};
static const struct kernel has_nothing;

static unsigned choose(const struct hook_event *from_event, unsigned from,
                       enum settings_hooks wanted,
                       const struct kernel *kernel) {
  struct kernel copy = *kernel;

  return hook_choose(from_event, from, wanted, exists, &copy);
}

START_TEST(hook_choose_auto_takes_first_that_exists) {
  ck_assert_uint_eq(choose(&event, 0, SETTINGS_HOOKS_AUTO, &has_all), 0);
  ck_assert_uint_eq(choose(&event, 0, SETTINGS_HOOKS_AUTO, &has_kprobe), 3);
  ck_assert_uint_eq(choose(&event, 0, SETTINGS_HOOKS_AUTO, &has_nothing), 4);
}
END_TEST

/* As a caller goes on after a candidate that did not load. */
START_TEST(hook_choose_goes_on_from_an_index) {
  for (unsigned from = 0; from <= ARRAY_SIZE(four); from++)
    ck_assert_uint_eq(choose(&event, from, SETTINGS_HOOKS_AUTO, &has_all),
                      from);
  ck_assert_uint_eq(choose(&event, 2, SETTINGS_HOOKS_KPROBE, &has_all), 3);
  ck_assert_uint_eq(choose(&event, 1, SETTINGS_HOOKS_FEXIT, &has_all), 4);
}
END_TEST

START_TEST(hook_choose_forced_kind_excludes_others) {
  ck_assert_uint_eq(choose(&event, 0, SETTINGS_HOOKS_FEXIT, &has_all), 0);
  ck_assert_uint_eq(choose(&event, 0, SETTINGS_HOOKS_KPROBE, &has_all), 1);
  ck_assert_uint_eq(choose(&event, 0, SETTINGS_HOOKS_TRACEPOINT, &has_all), 2);
  ck_assert_uint_eq(choose(&event, 0, SETTINGS_HOOKS_FEXIT, &has_kprobe), 4);
}
END_TEST

START_TEST(hook_choose_keeps_tracepoints_that_are_the_base) {
  const struct hook_event *on_tp = &event_on_tracepoints;

  ck_assert_uint_eq(choose(on_tp, 0, SETTINGS_HOOKS_FEXIT, &has_all), 0);
  ck_assert_uint_eq(choose(on_tp, 1, SETTINGS_HOOKS_FEXIT, &has_all), 2);
  ck_assert_uint_eq(choose(on_tp, 2, SETTINGS_HOOKS_KPROBE, &has_all), 2);
  ck_assert_uint_eq(choose(on_tp, 3, SETTINGS_HOOKS_FEXIT, &has_all), 4);
}
END_TEST

/* To ask may mean to load a program or to read all of kallsyms. */
START_TEST(hook_choose_asks_only_about_what_is_wanted) {
  struct kernel kernel = has_all;

  hook_choose(&event, 0, SETTINGS_HOOKS_TRACEPOINT, exists, &kernel);
  ck_assert_uint_eq(kernel.asked, 1);
  kernel.asked = 0;
  hook_choose(&event, 0, SETTINGS_HOOKS_AUTO, exists, &kernel);
  ck_assert_uint_eq(kernel.asked, 1);
}
END_TEST

START_TEST(hook_unmet_returns_the_first_need_that_fails) {
  struct kernel kernel = has_kprobe;

  ck_assert_ptr_eq(hook_unmet(&four[0], exists, &kernel), &four[0].needs[0]);
  ck_assert_ptr_eq(hook_unmet(&four[1], exists, &kernel), &four[1].needs[1]);
  ck_assert_ptr_null(hook_unmet(&four[3], exists, &kernel));
  kernel = has_nothing;
  ck_assert_ptr_eq(hook_unmet(&four[1], exists, &kernel), &four[1].needs[0]);
}
END_TEST

START_TEST(hook_is_present_when_a_function_has_any_of_its_names) {
  const struct hook_event named = {.functions = {"new", "old"}};
  struct kernel kernel = {.has = {{HOOK_NEEDS_CODE, "old"}}};

  ck_assert(hook_is_present(&named, exists, &kernel));
  kernel.has[0].name = "new";
  ck_assert(hook_is_present(&named, exists, &kernel));
  kernel.has[0].name = "newer";
  ck_assert(!hook_is_present(&named, exists, &kernel));
  ck_assert(hook_is_present(&event, exists, &kernel));
}
END_TEST

START_TEST(hook_need_name_knows_every_kind) {
  for (int i = 0; i < HOOK_NEEDS_COUNT; i++) {
    ck_assert_ptr_nonnull(hook_need_name(i));
    for (int j = 0; j < i; j++)
      ck_assert_str_ne(hook_need_name(i), hook_need_name(j));
  }
}
END_TEST

/* The chosen candidate; NULL when there is none. */
static const struct hook_candidate *chosen(const struct hook_event *from_event,
                                           const struct kernel *kernel,
                                           enum settings_hooks wanted) {
  unsigned index = choose(from_event, 0, wanted, kernel);

  return index < from_event->count ? &from_event->candidates[index] : NULL;
}

static void expect_program(const struct hook_candidate *candidate,
                           const char *program) {
  ck_assert_pstr_eq(candidate ? candidate->programs[0] : NULL, program);
}

static const struct {
  const char *program, *target;
} slab_expected[KERNELS][SLAB_HOOK_COUNT] = {
    [K5_10] = {[SLAB_HOOK_ALLOC] = {"slab_kmalloc_tp", "kmem_cache_alloc"},
               [SLAB_HOOK_FREE] = {"slab_free_fentry", NULL},
               [SLAB_HOOK_KMALLOC] = {"slab_kmalloc_tp", NULL},
               [SLAB_HOOK_BULK_ALLOC] = {"slab_balloc_fexit",
                                         "kmem_cache_alloc_bulk"},
               [SLAB_HOOK_BULK_FREE] = {"slab_bfree_kprobe",
                                        "kmem_cache_free_bulk"}},
    [K6_1] = {[SLAB_HOOK_ALLOC] = {"slab_alloc_tp", NULL},
              [SLAB_HOOK_FREE] = {"slab_free_tp", NULL},
              [SLAB_HOOK_KMALLOC] = {"slab_kmalloc_tp", NULL},
              [SLAB_HOOK_BULK_ALLOC] = {"slab_balloc_fexit",
                                        "kmem_cache_alloc_bulk"},
              [SLAB_HOOK_BULK_FREE] = {"slab_bfree_fentry", NULL}},
    [K6_12] = {[SLAB_HOOK_ALLOC] = {"slab_alloc_tp", NULL},
               [SLAB_HOOK_FREE] = {"slab_free_tp", NULL},
               [SLAB_HOOK_KMALLOC] = {"slab_kmalloc_tp", NULL},
               [SLAB_HOOK_BULK_ALLOC] = {"slab_balloc_fexit",
                                         "kmem_cache_alloc_bulk_noprof"},
               [SLAB_HOOK_BULK_FREE] = {"slab_bfree_fentry", NULL}},
    [K6_18_TRACEPOINTS_ONLY] = {[SLAB_HOOK_ALLOC] = {"slab_alloc_tp", NULL},
                                [SLAB_HOOK_FREE] = {"slab_free_tp", NULL},
                                [SLAB_HOOK_KMALLOC] = {"slab_kmalloc_tp",
                                                       NULL}},
    /* Preemptible: what runs unpreempted comes first. */
    [K7_3] = {[SLAB_HOOK_ALLOC] = {"slab_alloc_classic",
                                   "kmem/kmem_cache_alloc"},
              [SLAB_HOOK_FREE] = {"slab_free_fprobe", "kmem_cache_free"},
              [SLAB_HOOK_KMALLOC] = {"slab_alloc_classic", "kmem/kmalloc"},
              [SLAB_HOOK_BULK_ALLOC] = {"slab_call_kprobe",
                                        "kmem_cache_alloc_bulk_noprof"},
              [SLAB_HOOK_BULK_FREE] = {"slab_bfree_kprobe",
                                       "kmem_cache_free_bulk"},
              [SLAB_HOOK_RCU_SHEAF] = {"slab_call_kprobe", "__kfree_rcu_sheaf"},
              [SLAB_HOOK_NOLOCK_ALLOC] = {"slab_nlalloc_fexit",
                                          "__kmalloc_nolock_noprof"},
              [SLAB_HOOK_NOLOCK_FREE] = {"slab_nlfree_fentry", "kfree_nolock"}},
};

START_TEST(slab_hooks_suit_each_kernel) {
  for (int k = 0; k < KERNELS; k++)
    for (int i = 0; i < SLAB_HOOK_COUNT; i++) {
      const struct hook_candidate *candidate =
          chosen(&slab_hooks[i], &kernels[k], SETTINGS_HOOKS_AUTO);

      expect_program(candidate, slab_expected[k][i].program);
      ck_assert_pstr_eq(candidate ? candidate->targets[0] : NULL,
                        slab_expected[k][i].target);
    }
}
END_TEST

/* What is forced for one event must not stop the probe. */
START_TEST(slab_hooks_keep_what_is_required) {
  for (int wanted = 0; wanted < SETTINGS_HOOKS_COUNT; wanted++)
    for (int k = 0; k < KERNELS; k++)
      for (int i = 0; i < SLAB_HOOK_REQUIRED_COUNT; i++)
        ck_assert_ptr_nonnull(chosen(&slab_hooks[i], &kernels[k], wanted));
}
END_TEST

START_TEST(slab_hooks_tell_uncounted_from_absent) {
  struct kernel old = kernels[K6_12], policy = kernels[K6_18_TRACEPOINTS_ONLY];

  ck_assert(!hook_is_present(&slab_hooks[SLAB_HOOK_RCU_SHEAF], exists, &old));
  ck_assert(!hook_is_present(&slab_hooks[SLAB_HOOK_NOLOCK_FREE], exists, &old));
  ck_assert(hook_is_present(&slab_hooks[SLAB_HOOK_RCU_SHEAF], exists, &policy));
  ck_assert(
      hook_is_present(&slab_hooks[SLAB_HOOK_NOLOCK_FREE], exists, &policy));
  ck_assert(hook_is_present(&slab_hooks[SLAB_HOOK_ALLOC], exists, &policy));
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      hook_choose_auto_takes_first_that_exists,
      hook_choose_goes_on_from_an_index,
      hook_choose_forced_kind_excludes_others,
      hook_choose_keeps_tracepoints_that_are_the_base,
      hook_choose_asks_only_about_what_is_wanted,
      hook_unmet_returns_the_first_need_that_fails,
      hook_is_present_when_a_function_has_any_of_its_names,
      hook_need_name_knows_every_kind,
      slab_hooks_suit_each_kernel,
      slab_hooks_keep_what_is_required,
      slab_hooks_tell_uncounted_from_absent,
  };

  return suite_of("hook", tests, ARRAY_SIZE(tests));
}
