// SPDX-License-Identifier: MIT
/* The slab probe without a kernel: its two BPF objects, the copies of programs,
 * and which hooks Hooks "kprobe", "fexit" and "tracepoint" come to. */
#include "slab/attach.h"
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

static bool is_twin(const struct bpf_program *a, const struct bpf_program *b) {
  return b && bpf_program__type(a) == bpf_program__type(b) &&
         !strcmp(bpf_program__section_name(a), bpf_program__section_name(b));
}

static void check_present(const struct hook_candidate *candidate) {
  for (int o = 0; o < OBJECTS; o++)
    for (int i = 0; i < HOOK_PROGRAMS_MAX && candidate->programs[i]; i++) {
      const char *name = candidate->programs[i];

      ck_assert_msg(!bpf_object__find_program_by_name(objects[o], name) ==
                        !belongs(candidate, o),
                    "object %d has %s, or lacks it", o, name);
    }
}

START_TEST(objects_have_the_programs_of_the_hooks) {
  each_candidate(check_present);
}
END_TEST

/* What a copy is a copy of. */
static void first_name(const struct bpf_program *program,
                       char name[static 64]) {
  snprintf(name, 64, "slab%s", strchr(bpf_program__name(program), '_'));
}

static bool is_used(const char *name) {
  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    for (unsigned j = 0; j < slab_hooks[i].count; j++)
      for (int k = 0; k < HOOK_PROGRAMS_MAX; k++) {
        const char *program = slab_hooks[i].candidates[j].programs[k];

        if (program && !strcmp(program, name))
          return true;
      }
  return false;
}

START_TEST(objects_have_no_program_that_no_hook_uses) {
  struct bpf_program *program;
  char name[64];

  for (int o = 0; o < OBJECTS; o++)
    bpf_object__for_each_program(program, objects[o]) {
      first_name(program, name);
      ck_assert_msg(is_used(name), "object %d: nobody uses %s", o, name);
    }
}
END_TEST

/* The event must be the same, or the copy counts another one. */
START_TEST(copies_hook_what_their_first_does) {
  struct bpf_program *program;
  unsigned copies = 0;
  char name[64];

  for (int o = 0; o < OBJECTS; o++)
    bpf_object__for_each_program(program, objects[o]) {
      first_name(program, name);
      ck_assert_msg(
          is_twin(program, bpf_object__find_program_by_name(objects[o], name)),
          "%s is no copy", bpf_program__name(program));
      copies += strcmp(name, bpf_program__name(program)) != 0;
    }
  ck_assert_uint_gt(copies, 0);
}
END_TEST

START_TEST(copies_are_selected_as_many_as_asked_for) {
  struct slab_attach attach = {.chosen = {&slab_hooks[0].candidates[0]}};

  for (unsigned copies = 1; copies <= SLAB_COPIES_MAX; copies++) {
    struct bpf_program *program;
    unsigned selected = 0;

    attach_select_none(objects[0]);
    ck_assert_int_eq(slab_attach_select(&attach, objects[0], copies), 0);
    bpf_object__for_each_program(program, objects[0]) selected +=
        bpf_program__autoload(program);
    ck_assert_uint_eq(selected, copies);
  }
}
END_TEST

/* Where there is a program to take its place, it alone is loaded. */
START_TEST(variants_take_the_place_of_the_first_copy) {
  static const struct {
    enum slab_variant variant;
    const char *program;
  } expected[] = {{SLAB_FOR_ALL, "slab_alloc_tp"},
                  {SLAB_PLAIN, "plain_alloc_tp"},
                  {SLAB_BY_LINES, "line_alloc_tp"}};

  for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
    struct slab_attach attach = {.chosen = {&slab_hooks[0].candidates[0]},
                                 .variant = expected[i].variant};
    struct bpf_program *program;

    attach_select_none(objects[0]);
    ck_assert_int_eq(slab_attach_select(&attach, objects[0], 1), 0);
    bpf_object__for_each_program(program, objects[0])
        ck_assert(bpf_program__autoload(program) ==
                  !strcmp(bpf_program__name(program), expected[i].program));
  }
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
  struct slab_attach attach = {0};

  ck_assert_int_eq(
      slab_attach_choose(&attach, wanted, lacks_listed, (void *)lacking), 0);
  for (int i = SLAB_HOOK_BULK_ALLOC; i < SLAB_HOOK_COUNT; i++) {
    const char *expected = programs[i - SLAB_HOOK_BULK_ALLOC];

    ck_assert_pstr_eq(attach.chosen[i] ? attach.chosen[i]->programs[0] : NULL,
                      expected);
    ck_assert(attach.uncounted[i] == !expected);
  }
}

/* Bulk alloc, bulk free, sheaves, nolock alloc and free. */
START_TEST(hooks_forced_cover_every_entry_point) {
  const char *const nothing[] = {NULL};
  const char *const kfunc[] = {"bpf_get_kmem_cache", NULL};

  expect(SETTINGS_HOOKS_KPROBE, nothing,
         (const char *const[]){"slab_bulk_entry", "slab_bfree_kp_kfunc",
                               "slab_sheaf_entry", "slab_nlalloc_return",
                               "slab_nlfree_entry"});
  expect(SETTINGS_HOOKS_KPROBE, kfunc,
         (const char *const[]){"slab_bulk_entry", "slab_bfree_kprobe",
                               "slab_sheaf_entry", NULL, NULL});
  expect(SETTINGS_HOOKS_FEXIT, nothing,
         (const char *const[]){"slab_bulk_alloc", "slab_bfree_kfunc",
                               "slab_rcu_sheaf_free", "slab_nolock_alloc",
                               "slab_nolock_free"});
  expect(SETTINGS_HOOKS_TRACEPOINT, nothing,
         (const char *const[]){NULL, NULL, NULL, NULL, NULL});
}
END_TEST

START_TEST(hooks_without_a_tracepoint_for_objects_are_refused) {
  const char *const lacking[] = {"kmem_cache_alloc", "kmem_cache_alloc_node",
                                 NULL};
  struct slab_attach attach = {0};

  ck_assert_int_eq(slab_attach_choose(&attach, SETTINGS_HOOKS_AUTO,
                                      lacks_listed, (void *)lacking),
                   -EOPNOTSUPP);
}
END_TEST

/* That object insists on the kernel's own BTF. */
START_TEST(kfunc_is_needed_only_where_it_is_used) {
  const char *const nothing[] = {NULL};
  const char *const kfunc[] = {"bpf_get_kmem_cache", NULL};
  struct slab_attach attach = {0};

  slab_attach_choose(&attach, SETTINGS_HOOKS_TRACEPOINT, lacks_listed,
                     (void *)nothing);
  ck_assert(slab_attach_needs_kfunc(&attach));
  slab_attach_choose(&attach, SETTINGS_HOOKS_AUTO, lacks_listed, (void *)kfunc);
  ck_assert(!slab_attach_needs_kfunc(&attach));
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      objects_have_the_programs_of_the_hooks,
      objects_have_no_program_that_no_hook_uses,
      copies_hook_what_their_first_does,
      copies_are_selected_as_many_as_asked_for,
      variants_take_the_place_of_the_first_copy,
      objects_have_config_and_stats_where_user_space_looks,
      hooks_forced_cover_every_entry_point,
      hooks_without_a_tracepoint_for_objects_are_refused,
      kfunc_is_needed_only_where_it_is_used,
  };

  return suite_with("slab", setup, teardown, tests, ARRAY_SIZE(tests));
}
