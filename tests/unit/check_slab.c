// SPDX-License-Identifier: MIT
/* The slab probe without a kernel: its two BPF objects, and which hooks Hooks
 * "kprobe", "fexit" and "tracepoint" come to. */
#include "slab/hooks.h"
#include "slab/object.h"

#include "slab/slab.skel.h"
#include "slab/slab_page.skel.h"

#include "check_main.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

enum { WITH_KFUNC, PAGE_ONLY, OBJECTS };

static struct slab_bpf *with_kfunc;
static struct slab_page_bpf *page_only;
static struct bpf_object *objects[OBJECTS];

static void setup(void) {
  with_kfunc = slab_bpf__open();
  page_only = slab_page_bpf__open();
  ck_assert_ptr_nonnull(with_kfunc);
  ck_assert_ptr_nonnull(page_only);
  objects[WITH_KFUNC] = with_kfunc->obj;
  objects[PAGE_ONLY] = page_only->obj;
}

static void teardown(void) {
  slab_bpf__destroy(with_kfunc);
  slab_page_bpf__destroy(page_only);
}

/* How a hook finds the cache of an object decides which object has it. */
static bool needs(const struct hook_candidate *candidate,
                  enum hook_need_kind kind) {
  for (int i = 0; i < HOOK_NEEDS_MAX; i++)
    if (candidate->needs[i].kind == kind)
      return true;
  return false;
}

static bool belongs(const struct hook_candidate *candidate, int object) {
  return !needs(candidate,
                object == PAGE_ONLY ? HOOK_NEEDS_KFUNC : HOOK_NEEDS_SYMBOL);
}

static void each_candidate(void (*take)(const struct hook_candidate *)) {
  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    for (unsigned j = 0; j < slab_hooks[i].count; j++)
      take(&slab_hooks[i].candidates[j]);
}

static void check_present(const struct hook_candidate *candidate) {
  for (int o = 0; o < OBJECTS; o++)
    for (int i = 0; i < HOOK_PROGRAMS_MAX && candidate->programs[i]; i++) {
      const char *name = candidate->programs[i];

      ck_assert_msg(!belongs(candidate, o) ||
                        bpf_object__find_program_by_name(objects[o], name),
                    "object %d lacks %s", o, name);
    }
}

START_TEST(objects_have_the_programs_of_the_hooks) {
  each_candidate(check_present);
}
END_TEST

static bool is_used(const char *name, int object) {
  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    for (unsigned j = 0; j < slab_hooks[i].count; j++)
      for (int k = 0; k < HOOK_PROGRAMS_MAX; k++) {
        const struct hook_candidate *candidate = &slab_hooks[i].candidates[j];
        const char *program = candidate->programs[k];

        if (belongs(candidate, object) && program && !strcmp(program, name))
          return true;
      }
  return false;
}

/* But the one that user space runs. */
START_TEST(objects_have_no_program_that_no_hook_uses) {
  struct bpf_program *program;

  for (int o = 0; o < OBJECTS; o++)
    bpf_object__for_each_program(program, objects[o]) ck_assert_msg(
        is_used(bpf_program__name(program), o) ||
            !strcmp(bpf_program__name(program), "slab_offer"),
        "object %d: nobody uses %s", o, bpf_program__name(program));
}
END_TEST

/* 5.10 refuses them, and clang makes them from version 20 on where the sum is
 * not asked for, unless the source says otherwise. */
START_TEST(objects_have_no_add_that_fetches) {
  struct bpf_program *program;
  unsigned adds = 0;

  for (int o = 0; o < OBJECTS; o++)
    bpf_object__for_each_program(program, objects[o]) {
      const struct bpf_insn *insn = bpf_program__insns(program);

      for (size_t i = 0; i < bpf_program__insn_cnt(program); i++) {
        if (BPF_CLASS(insn[i].code) != BPF_STX ||
            BPF_MODE(insn[i].code) != BPF_ATOMIC)
          continue;
        adds += insn[i].imm == BPF_ADD;
        ck_assert_msg(insn[i].imm != (BPF_ADD | BPF_FETCH), "%s fetches",
                      bpf_program__name(program));
      }
    }
  ck_assert_uint_gt(adds, 0);
}
END_TEST

/* Sections of their own, so that user space finds what it reads and writes at
 * their start, in either object. */
START_TEST(objects_have_config_and_stats_where_user_space_looks) {
  for (int o = 0; o < OBJECTS; o++) {
    const struct bpf_map *config =
        bpf_object__find_map_by_name(objects[o], SLAB_CONFIG_SECTION);
    const struct bpf_map *stats =
        bpf_object__find_map_by_name(objects[o], SLAB_STATS_SECTION);

    ck_assert(config && stats);
    ck_assert_uint_eq(bpf_map__value_size(config), sizeof(struct slab_config));
    ck_assert_uint_eq(bpf_map__value_size(stats), sizeof(struct slab_stats));
    ck_assert_uint_eq(bpf_map__max_entries(bpf_object__find_map_by_name(
                          objects[o], "slab_slots")),
                      SLAB_SLOTS_MAX);
  }
}
END_TEST

/* A kernel that has everything but what is listed. */
static bool lacks_listed(void *ctx, const struct hook_need *need) {
  const char *const *names = ctx;

  for (int i = 0; names[i]; i++)
    if (!strcmp(names[i], need->name))
      return false;
  return true;
}

static void expect(enum settings_hooks wanted, const char *const *lacking,
                   const char *const *programs) {
  struct slab_choice choice = {0};

  ck_assert_int_eq(
      slab_hooks_choose(&choice, wanted, lacks_listed, (void *)lacking), 0);
  for (int i = SLAB_HOOK_BULK_ALLOC; i < SLAB_HOOK_COUNT; i++) {
    const char *expected = programs[i - SLAB_HOOK_BULK_ALLOC];

    ck_assert_pstr_eq(choice.chosen[i] ? choice.chosen[i]->programs[0] : NULL,
                      expected);
    ck_assert(choice.uncounted[i] == !expected);
  }
}

/* Bulk alloc, bulk free, sheaves, nolock alloc and free. */
START_TEST(hooks_forced_cover_every_entry_point) {
  const char *const nothing[] = {NULL};
  const char *const kfunc[] = {"bpf_get_kmem_cache", NULL};

  expect(SETTINGS_HOOKS_KPROBE, nothing,
         (const char *const[]){"slab_call_kprobe", "slab_bfree_kprobe",
                               "slab_call_kprobe", "slab_nlalloc_return",
                               "slab_nlfree_kprobe"});
  expect(SETTINGS_HOOKS_KPROBE, kfunc,
         (const char *const[]){"slab_call_kprobe", "slab_bfree_kprobe",
                               "slab_call_kprobe", NULL, NULL});
  expect(SETTINGS_HOOKS_FEXIT, nothing,
         (const char *const[]){"slab_balloc_fexit", "slab_bfree_fentry",
                               "slab_sheaf_fexit", "slab_nlalloc_fexit",
                               "slab_nlfree_fentry"});
  expect(SETTINGS_HOOKS_TRACEPOINT, nothing,
         (const char *const[]){NULL, NULL, NULL, NULL, NULL});
}
END_TEST

/* What is not preempted comes first where programs are, but for nolock. */
START_TEST(hooks_depend_on_preemption) {
  const char *const nothing[] = {NULL};
  const char *const preemption[] = {"BPF programs", NULL};

  expect(SETTINGS_HOOKS_AUTO, nothing,
         (const char *const[]){"slab_call_kprobe", "slab_bfree_kprobe",
                               "slab_call_kprobe", "slab_nlalloc_fexit",
                               "slab_nlfree_fentry"});
  expect(SETTINGS_HOOKS_AUTO, preemption,
         (const char *const[]){"slab_balloc_fexit", "slab_bfree_fentry",
                               "slab_sheaf_fexit", "slab_nlalloc_fexit",
                               "slab_nlfree_fentry"});
}
END_TEST

/* Classic ones only where raw ones are preempted, and if tracefs tells them. */
START_TEST(tracepoints_are_classic_where_raw_ones_are_preempted) {
  static const struct {
    const char *lacking, *alloc, *free;
  } expected[] = {
      {"nothing", "slab_alloc_classic", "slab_free_fprobe"},
      {"raw tracepoints", "slab_alloc_tp", "slab_free_tp"},
      {"bpf_get_kmem_cache", "slab_alloc_tp", "slab_free_tp"},
      {"kmem/kmem_cache_alloc", "slab_alloc_tp", "slab_free_fprobe"},
      {"kmem_cache_free", "slab_alloc_classic", "slab_free_classic"}};

  for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
    const char *const lacking[] = {expected[i].lacking, NULL};
    struct slab_choice choice = {0};

    slab_hooks_choose(&choice, SETTINGS_HOOKS_AUTO, lacks_listed,
                      (void *)lacking);
    ck_assert_str_eq(choice.chosen[SLAB_HOOK_ALLOC]->programs[0],
                     expected[i].alloc);
    ck_assert_str_eq(choice.chosen[SLAB_HOOK_FREE]->programs[0],
                     expected[i].free);
  }
}
END_TEST

START_TEST(hooks_without_a_tracepoint_for_objects_are_refused) {
  const char *const lacking[] = {"kmem_cache_alloc", "kmem_cache_alloc_node",
                                 "raw tracepoints", NULL};
  struct slab_choice choice = {0};

  ck_assert_int_eq(slab_hooks_choose(&choice, SETTINGS_HOOKS_AUTO, lacks_listed,
                                     (void *)lacking),
                   -EOPNOTSUPP);
}
END_TEST

/* That object insists on the kernel's own BTF. */
START_TEST(kfunc_is_needed_only_where_it_is_used) {
  const char *const nothing[] = {NULL};
  const char *const kfunc[] = {"bpf_get_kmem_cache", NULL};
  struct slab_choice choice = {0};

  slab_hooks_choose(&choice, SETTINGS_HOOKS_TRACEPOINT, lacks_listed,
                    (void *)nothing);
  ck_assert(slab_hooks_need_kfunc(&choice));
  slab_hooks_choose(&choice, SETTINGS_HOOKS_AUTO, lacks_listed, (void *)kfunc);
  ck_assert(!slab_hooks_need_kfunc(&choice));
}
END_TEST

static uint64_t missed(struct slab_choice *choice, uint64_t kept,
                       uint64_t taken, uint64_t unkept) {
  const struct slab_stats stats = {
      .kept = kept, .taken = taken, .unkept = unkept};

  return slab_hooks_missed(choice, &stats);
}

/* Calls are under way in any read; what stays is lost, and stays told. */
START_TEST(returns_that_were_missed_are_told) {
  struct slab_choice choice = {0};

  ck_assert_uint_eq(missed(&choice, 10, 10, 0), 0);
  ck_assert_uint_eq(missed(&choice, 15, 12, 0), 0);
  ck_assert_uint_eq(missed(&choice, 20, 18, 0), 2);
  ck_assert_uint_eq(missed(&choice, 30, 30, 0), 2);
  ck_assert_uint_eq(missed(&choice, 40, 35, 0), 2);
  ck_assert_uint_eq(missed(&choice, 50, 46, 0), 4);
  ck_assert_uint_eq(missed(&choice, 50, 51, 7), 4 + 7);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      objects_have_the_programs_of_the_hooks,
      objects_have_no_program_that_no_hook_uses,
      objects_have_no_add_that_fetches,
      objects_have_config_and_stats_where_user_space_looks,
      hooks_forced_cover_every_entry_point,
      hooks_depend_on_preemption,
      tracepoints_are_classic_where_raw_ones_are_preempted,
      hooks_without_a_tracepoint_for_objects_are_refused,
      kfunc_is_needed_only_where_it_is_used,
      returns_that_were_missed_are_told,
  };

  return suite_with("slab", setup, teardown, tests, ARRAY_SIZE(tests));
}
