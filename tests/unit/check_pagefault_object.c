// SPDX-License-Identifier: MIT
/* pagefault/object: which of the two objects, how large its tables are, and
 * what is loaded. Nothing is: bpf_object__load() is a fake. */
#include "pagefault/object.h"

#include "pagefault/hooks.h"

#include "check_main.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

static unsigned loaded;

int bpf_object__load(struct bpf_object *object) {
  ck_assert_ptr_nonnull(object);
  loaded++;
  return -EACCES;
}

static struct pagefault_object object;
static const struct hook_candidate *stall;

static void setup(void) {
  loaded = 0;
  stall = NULL;
  object = (struct pagefault_object){0};
}

static void teardown(void) {
  pagefault_object_close(&object);
  ck_assert_ptr_null(object.bpf);
}

static int open_with(unsigned hook, unsigned cpus, unsigned files) {
  const struct pagefault_object_options options = {
      .hook = &pagefault_hooks[PAGEFAULT_FAULT].candidates[hook],
      .stall = stall,
      .cpus = cpus,
      .slots_max = PF_SLOT_FILES + files};

  return pagefault_object_open(&options, &object);
}

static const struct bpf_map *map_of(const char *name) {
  const struct bpf_map *map = bpf_object__find_map_by_name(object.bpf, name);

  ck_assert_ptr_nonnull(map);
  return map;
}

static void check_entries(const char *map, unsigned entries) {
  ck_assert_msg(bpf_map__max_entries(map_of(map)) == entries, "%s has %u", map,
                bpf_map__max_entries(map_of(map)));
}

START_TEST(pagefault_object_tables_suit_cpus_and_files) {
  size_t size = 0;
  const struct pf_config *config;

  ck_assert_int_eq(open_with(0, 12, 8192), -EACCES);
  ck_assert_uint_eq(loaded, 1);
  check_entries("pf_files", 8192);
  check_entries("pf_free", 8192);
  check_entries("pf_slots", PF_SLOT_FILES + 8192);
  check_entries("pf_counts", 12 * (PF_SLOT_FILES + 8192));
  check_entries("pf_stalled", PF_SLOT_FILES + 8192);
  check_entries("pf_cpus", 12);
  config = bpf_map__initial_value((struct bpf_map *)map_of(PF_CONFIG_SECTION),
                                  &size);
  ck_assert_uint_eq(size, sizeof(*config));
  ck_assert_uint_eq(config->slots_max, PF_SLOT_FILES + 8192);
  ck_assert_uint_eq(config->stalls, 0);
}
END_TEST

/* With 4,096 CPUs the most files that can be asked for were none once. */
START_TEST(pagefault_object_with_too_many_counters_is_refused) {
  ck_assert_int_eq(open_with(0, 4096, 1048576), -EOVERFLOW);
  ck_assert_uint_eq(loaded, 0);
  pagefault_object_close(&object);
  ck_assert_int_eq(open_with(0, 4095, 1048576), -EACCES);
  check_entries("pf_counts", 4095U * (1048576U + PF_SLOT_FILES));
}
END_TEST

/* Exactly those of the hook and the one that user space runs: whatever else
 * loads takes time or is refused. */
START_TEST(pagefault_object_loads_the_programs_of_the_hook) {
  for (unsigned i = 0; i < pagefault_hooks[PAGEFAULT_FAULT].count; i++) {
    const struct hook_candidate *hook =
        &pagefault_hooks[PAGEFAULT_FAULT].candidates[i];
    struct bpf_program *program;
    unsigned wanted = 0, count = 0;

    ck_assert_int_eq(open_with(i, 2, 64), -EACCES);
    while (wanted < HOOK_PROGRAMS_MAX && hook->programs[wanted]) {
      program = pagefault_object_program(&object, hook->programs[wanted++]);
      ck_assert_ptr_nonnull(program);
      ck_assert(bpf_program__autoload(program));
    }
    bpf_object__for_each_program(program, object.bpf) count +=
        bpf_program__autoload(program);
    ck_assert_uint_eq(count, wanted + 1);
    pagefault_object_close(&object);
  }
}
END_TEST

/* With the program at the start of waits, the others look for what it notes. */
START_TEST(pagefault_object_loads_the_program_at_the_start) {
  const struct hook_event *event = &pagefault_hooks[PAGEFAULT_STALL];
  const struct pf_config *config;

  for (unsigned i = 0; i < event->count; i++) {
    size_t size = 0;

    stall = &event->candidates[i];
    ck_assert_int_eq(open_with(0, 2, 64), -EACCES);
    config = bpf_map__initial_value((struct bpf_map *)map_of(PF_CONFIG_SECTION),
                                    &size);
    ck_assert_uint_eq(config->stalls, 1);
    for (unsigned j = 0; j < event->count; j++)
      ck_assert_int_eq(bpf_program__autoload(pagefault_object_program(
                           &object, event->candidates[j].programs[0])),
                       i == j);
    pagefault_object_close(&object);
  }
}
END_TEST

/* Only one of them calls bpf_rdonly_cast(), which older kernels lack. */
START_TEST(pagefault_object_is_by_loads_where_the_hook_says_so) {
  for (unsigned i = 0; i < pagefault_hooks[PAGEFAULT_FAULT].count; i++) {
    bool by_loads;

    ck_assert_int_eq(open_with(i, 2, 64), -EACCES);
    by_loads = btf__find_by_name_kind(bpf_object__btf(object.bpf),
                                      "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
    ck_assert_int_eq(by_loads,
                     hook_needs(&pagefault_hooks[PAGEFAULT_FAULT].candidates[i],
                                HOOK_NEEDS_KFUNC));
    pagefault_object_close(&object);
  }
}
END_TEST

START_TEST(pagefault_object_knows_no_other_names) {
  ck_assert_int_eq(open_with(0, 2, 64), -EACCES);
  ck_assert_ptr_null(pagefault_object_program(&object, "pf_entry_kprobe"));
  ck_assert_int_lt(pagefault_object_map(&object, "pf_stash"), 0);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      pagefault_object_tables_suit_cpus_and_files,
      pagefault_object_with_too_many_counters_is_refused,
      pagefault_object_loads_the_programs_of_the_hook,
      pagefault_object_loads_the_program_at_the_start,
      pagefault_object_is_by_loads_where_the_hook_says_so,
      pagefault_object_knows_no_other_names,
  };

  return suite_with("pagefault_object", setup, teardown, tests,
                    ARRAY_SIZE(tests));
}
