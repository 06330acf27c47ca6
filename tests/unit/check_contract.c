// SPDX-License-Identifier: MIT
/* The contract between the BPF objects and user space, as compiled: layouts,
 * maps, programs. Nothing is loaded, so no privilege is needed. */
#include "pagefault/hooks.h"
#include "slab/hooks.h"

#include "opened_objects.h"

#include <linux/bpf.h>

/* What the kernel keeps of a program's or a map's name. */
#define KERNEL_NAME_SIZE (BPF_OBJ_NAME_LEN - 1)

struct layout {
  const char *type;
  size_t size;
  struct {
    const char *name;
    size_t offset, size;
  } members[8];
};

#define MEMBER(type, name)                                                     \
  { #name, offsetof(struct type, name), sizeof(((struct type *)0)->name) }
#define LAYOUT(type, ...)                                                      \
  {                                                                            \
#type, sizeof(struct type), {                                              \
      __VA_ARGS__                                                              \
    }                                                                          \
  }

static void check_layout(const struct bpf_object *object,
                         const struct layout *expected) {
  const struct btf *btf = bpf_object__btf(object);
  const struct btf_type *type = find_struct(btf, expected->type);
  unsigned count = 0;

  ck_assert_msg(type, "no struct %s in the object", expected->type);
  ck_assert_uint_eq(type->size, expected->size);
  for (; count < 8 && expected->members[count].name; count++) {
    const char *name = expected->members[count].name;
    __u32 member_type = 0;
    long offset = find_member(btf, type, name, &member_type);

    ck_assert_msg(offset == (long)expected->members[count].offset * 8,
                  "%s.%s is at bit %ld", expected->type, name, offset);
    ck_assert_msg(btf__resolve_size(btf, member_type) ==
                      (long)expected->members[count].size,
                  "%s.%s has another size", expected->type, name);
  }
  ck_assert_msg(btf_vlen(type) == count, "%s has %u members, %u are known",
                expected->type, btf_vlen(type), count);
}

START_TEST(pagefault_structs_are_laid_out_alike) {
  static const struct layout layouts[] = {
      LAYOUT(pf_key, MEMBER(pf_key, ino), MEMBER(pf_key, super),
             MEMBER(pf_key, generation), MEMBER(pf_key, root)),
      LAYOUT(pf_slot, MEMBER(pf_slot, key), MEMBER(pf_slot, owner),
             MEMBER(pf_slot, naming), MEMBER(pf_slot, instance),
             MEMBER(pf_slot, checked), MEMBER(pf_slot, inode),
             MEMBER(pf_slot, pad)),
      LAYOUT(pf_read, MEMBER(pf_read, number)),
      LAYOUT(pf_count, MEMBER(pf_count, minor), MEMBER(pf_count, major)),
      LAYOUT(pf_cpu, MEMBER(pf_cpu, failed), MEMBER(pf_cpu, retried),
             MEMBER(pf_cpu, silent), MEMBER(pf_cpu, pad),
             MEMBER(pf_cpu, fixed)),
      LAYOUT(pf_sum, MEMBER(pf_sum, minor), MEMBER(pf_sum, major)),
      LAYOUT(pf_name, MEMBER(pf_name, slot), MEMBER(pf_name, owner),
             MEMBER(pf_name, size), MEMBER(pf_name, cut),
             MEMBER(pf_name, naming)),
      LAYOUT(pf_stats, MEMBER(pf_stats, untracked), MEMBER(pf_stats, unfound),
             MEMBER(pf_stats, names_lost), MEMBER(pf_stats, beyond),
             MEMBER(pf_stats, slots_lost), MEMBER(pf_stats, stalls),
             MEMBER(pf_stats, stalls_unstarted),
             MEMBER(pf_stats, stalls_unended)),
      LAYOUT(pf_config, MEMBER(pf_config, slots_max), MEMBER(pf_config, stalls),
             MEMBER(pf_config, own_btf), MEMBER(pf_config, page_shift)),
  };

  for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
    check_layout(pagefault->obj, &layouts[i]);
    check_layout(by_copies->obj, &layouts[i]);
  }
}
END_TEST

START_TEST(slab_structs_are_laid_out_alike) {
  static const struct layout layouts[] = {
      LAYOUT(slab_slot, MEMBER(slab_slot, cache), MEMBER(slab_slot, owner),
             MEMBER(slab_slot, size), MEMBER(slab_slot, name)),
      LAYOUT(slab_count, MEMBER(slab_count, events)),
      LAYOUT(slab_line, MEMBER(slab_line, cache), MEMBER(slab_line, count),
             MEMBER(slab_line, unused)),
      LAYOUT(slab_pair, MEMBER(slab_pair, line)),
      LAYOUT(slab_stats, MEMBER(slab_stats, untracked),
             MEMBER(slab_stats, beyond), MEMBER(slab_stats, dropped),
             MEMBER(slab_stats, kept), MEMBER(slab_stats, taken),
             MEMBER(slab_stats, unkept)),
      LAYOUT(slab_config, MEMBER(slab_config, atomic),
             MEMBER(slab_config, cpus)),
  };

  for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
    check_layout(slab->obj, &layouts[i]);
}
END_TEST

static void check_map(const struct bpf_map *map, enum bpf_map_type type,
                      size_t key_size, size_t value_size, __u32 flags) {
  const char *name = bpf_map__name(map);

  ck_assert_msg(bpf_map__type(map) == type, "%s: type %d", name,
                bpf_map__type(map));
  ck_assert_msg(bpf_map__key_size(map) == key_size, "%s: key of %u bytes", name,
                bpf_map__key_size(map));
  ck_assert_msg(bpf_map__value_size(map) == value_size, "%s: value of %u bytes",
                name, bpf_map__value_size(map));
  ck_assert_msg(bpf_map__map_flags(map) == flags, "%s: flags %#x", name,
                bpf_map__map_flags(map));
}

#define INDEX sizeof(__u32)

static const struct bpf_map *map_of(const struct bpf_object *object,
                                    const char *name) {
  const struct bpf_map *map = bpf_object__find_map_by_name(object, name);

  ck_assert_msg(map, "the object has no map %s", name);
  return map;
}

static void check_pagefault_maps(const struct bpf_object *object) {
  check_map(map_of(object, "pf_counts"), BPF_MAP_TYPE_ARRAY, INDEX,
            sizeof(struct pf_count), BPF_F_MMAPABLE);
  check_map(map_of(object, "pf_cpus"), BPF_MAP_TYPE_ARRAY, INDEX,
            sizeof(struct pf_cpu), BPF_F_MMAPABLE);
  check_map(map_of(object, "pf_slots"), BPF_MAP_TYPE_ARRAY, INDEX,
            sizeof(struct pf_slot), BPF_F_MMAPABLE);
  check_map(map_of(object, "pf_files"), BPF_MAP_TYPE_HASH,
            sizeof(struct pf_key), INDEX, 0);
  check_map(map_of(object, "pf_free"), BPF_MAP_TYPE_QUEUE, 0, INDEX, 0);
  check_map(map_of(object, "pf_names"), BPF_MAP_TYPE_RINGBUF, 0, 0, 0);
  check_map(map_of(object, PF_STATS_SECTION), BPF_MAP_TYPE_ARRAY, INDEX,
            sizeof(struct pf_stats), BPF_F_MMAPABLE);
  ck_assert_uint_eq(bpf_map__value_size(map_of(object, PF_CONFIG_SECTION)),
                    sizeof(struct pf_config));
}

/* What user space maps must be mappable. */
START_TEST(maps_have_the_shape_that_user_space_expects) {
  check_pagefault_maps(pagefault->obj);
  check_pagefault_maps(by_copies->obj);
  check_map(slab->maps.slab_counts, BPF_MAP_TYPE_ARRAY, INDEX,
            sizeof(struct slab_count), BPF_F_MMAPABLE);
  check_map(slab->maps.slab_lines, BPF_MAP_TYPE_ARRAY, INDEX,
            sizeof(struct slab_pair), BPF_F_MMAPABLE);
  check_map(slab->maps.slab_slots, BPF_MAP_TYPE_ARRAY, INDEX,
            sizeof(struct slab_slot), BPF_F_MMAPABLE);
  check_map(slab->maps.slab_caches, BPF_MAP_TYPE_HASH, sizeof(__u64), INDEX, 0);
  check_map(slab->maps.slab_free, BPF_MAP_TYPE_QUEUE, 0, INDEX, 0);
}
END_TEST

/* Whether a program of that type is what a candidate of `kind` needs. Beside
 * the hook event there are a program at a function and one that is run by hand.
 */
static bool suits(const struct bpf_program *program, enum settings_hooks kind) {
  switch (bpf_program__type(program)) {
  case BPF_PROG_TYPE_KPROBE:
    return kind == SETTINGS_HOOKS_KPROBE;
  case BPF_PROG_TYPE_PERF_EVENT:
    return kind == SETTINGS_HOOKS_EVENT;
  case BPF_PROG_TYPE_RAW_TRACEPOINT:
    return kind == SETTINGS_HOOKS_TRACEPOINT || kind == SETTINGS_HOOKS_EVENT;
  case BPF_PROG_TYPE_TRACING:
    if (bpf_program__expected_attach_type(program) == BPF_TRACE_RAW_TP)
      return kind == SETTINGS_HOOKS_TRACEPOINT;
    return kind == SETTINGS_HOOKS_FEXIT || kind == SETTINGS_HOOKS_EVENT;
  default:
    return false;
  }
}

/* Marks the programs that a candidate names as used, by not loading them. */
static void use_programs(const struct bpf_object *object,
                         const struct hook_candidate *candidate) {
  for (int i = 0; i < HOOK_PROGRAMS_MAX && candidate->programs[i]; i++) {
    const char *name = candidate->programs[i];
    struct bpf_program *program =
        bpf_object__find_program_by_name(object, name);

    ck_assert_msg(program, "the object has no program %s", name);
    ck_assert_msg(suits(program, candidate->kind), "%s: wrong kind", name);
    bpf_program__set_autoload(program, false);
  }
}

static void check_all_used(const struct bpf_object *object) {
  struct bpf_program *program;

  bpf_object__for_each_program(program, object)
      ck_assert_msg(!bpf_program__autoload(program) ||
                        !strcmp(bpf_program__name(program), "pf_change_slots"),
                    "no hook uses program %s", bpf_program__name(program));
}

START_TEST(programs_are_those_of_the_hook_tables) {
  for (int hook = 0; hook < PAGEFAULT_HOOK_COUNT; hook++)
    for (unsigned i = 0; i < pagefault_hooks[hook].count; i++) {
      use_programs(pagefault->obj, &pagefault_hooks[hook].candidates[i]);
      use_programs(by_copies->obj, &pagefault_hooks[hook].candidates[i]);
    }
  check_all_used(pagefault->obj);
  check_all_used(by_copies->obj);
}
END_TEST

/* User space knows them by their places in the table. */
START_TEST(pagefault_programs_are_where_user_space_takes_them) {
  static const enum bpf_prog_type types[] = {
      [PAGEFAULT_MINOR] = BPF_PROG_TYPE_PERF_EVENT,
      [PAGEFAULT_MAJOR] = BPF_PROG_TYPE_PERF_EVENT,
      [PAGEFAULT_CHECK] = BPF_PROG_TYPE_RAW_TRACEPOINT,
      [PAGEFAULT_SILENT] = BPF_PROG_TYPE_TRACING};

  for (unsigned i = 0; i < pagefault_hooks[PAGEFAULT_FAULT].count; i++) {
    const struct hook_candidate *hook =
        &pagefault_hooks[PAGEFAULT_FAULT].candidates[i];
    bool is_event = hook->kind == SETTINGS_HOOKS_EVENT;

    ck_assert_int_eq(hook->programs[PAGEFAULT_SILENT] != NULL,
                     is_event && hook_needs(hook, HOOK_NEEDS_FUNCTION));
    for (size_t j = 0; j < ARRAY_SIZE(types) && hook->programs[j]; j++)
      ck_assert_int_eq(bpf_program__type(bpf_object__find_program_by_name(
                           pagefault->obj, hook->programs[j])),
                       is_event ? types[j] : BPF_PROG_TYPE_TRACING);
  }
}
END_TEST

/* Fails when `name` begins as another before it; remembers it. */
static void check_name(const char **names, unsigned *count, const char *name) {
  for (unsigned i = 0; i < *count; i++)
    ck_assert_msg(strncmp(names[i], name, KERNEL_NAME_SIZE) != 0,
                  "the kernel cannot tell %s from %s", name, names[i]);
  names[(*count)++] = name;
}

static void check_names(const struct bpf_object *object) {
  const char *names[64];
  struct bpf_program *program;
  const struct bpf_map *map;
  unsigned count = 0;

  bpf_object__for_each_program(program, object)
      check_name(names, &count, bpf_program__name(program));
  count = 0;
  bpf_object__for_each_map(map, object) if (!bpf_map__is_internal(map))
      check_name(names, &count, bpf_map__name(map));
}

START_TEST(names_differ_in_what_the_kernel_keeps) {
  check_names(pagefault->obj);
  check_names(by_copies->obj);
  check_names(slab->obj);
  check_names(slab_page->obj);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      pagefault_structs_are_laid_out_alike,
      slab_structs_are_laid_out_alike,
      maps_have_the_shape_that_user_space_expects,
      programs_are_those_of_the_hook_tables,
      pagefault_programs_are_where_user_space_takes_them,
      names_differ_in_what_the_kernel_keeps,
  };

  return suite_with("contract", setup, teardown, tests, ARRAY_SIZE(tests));
}
