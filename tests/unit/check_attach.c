// SPDX-License-Identifier: MIT
/* attach: which programs load, where each is attached, and what it misses
 * there. The objects are real and not loaded; what libbpf would do is noted. */
#include "kernel/attach.h"

#include "opened_objects.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>

/* A line for each call, as "kprobe kfree_nolock". */
static char noted[512];
/* The attachments that fail: those to this target. */
static const char *refused;

static struct bpf_link *note(const char *how, const char *target) {
  size_t used = strlen(noted);

  snprintf(noted + used, sizeof(noted) - used, "%s %s\n", how, target);
  errno = EPERM;
  return refused && !strcmp(refused, target) ? NULL : (struct bpf_link *)noted;
}

struct bpf_link *bpf_program__attach(const struct bpf_program *program) {
  return note("as compiled", bpf_program__name(program));
}

struct bpf_link *bpf_program__attach_kprobe(const struct bpf_program *program,
                                            bool at_return,
                                            const char *function) {
  ck_assert_int_eq(bpf_program__type(program), BPF_PROG_TYPE_KPROBE);
  return note(at_return ? "kretprobe" : "kprobe", function);
}

struct bpf_link *
bpf_program__attach_tracepoint(const struct bpf_program *program,
                               const char *category, const char *name) {
  ck_assert_int_eq(bpf_program__type(program), BPF_PROG_TYPE_TRACEPOINT);
  note("category", category);
  return note("event", name);
}

struct bpf_link *
bpf_program__attach_raw_tracepoint(const struct bpf_program *program,
                                   const char *name) {
  ck_assert_int_eq(bpf_program__type(program), BPF_PROG_TYPE_RAW_TRACEPOINT);
  return note("raw tracepoint", name);
}

int bpf_program__set_attach_target(struct bpf_program *program, int object,
                                   const char *function) {
  ck_assert_int_eq(bpf_program__type(program), BPF_PROG_TYPE_TRACING);
  ck_assert_int_eq(object, 0);
  note("will be at", function);
  return 0;
}

int bpf_link__destroy(struct bpf_link *link) {
  if (link)
    note("destroy", "link");
  return 0;
}

int bpf_link__fd(const struct bpf_link *link) {
  ck_assert_ptr_eq(link, noted);
  return 4711;
}

/* struct bpf_link_info of 6.7, of a link to a kprobe. */
static struct {
  __u32 type, id, prog_id, unused, event_type, unused_too;
  __u64 function;
  __u32 length, offset;
  __u64 address, missed;
} link_info;
static int info_error;

/* A program has missed 17 events. */
int bpf_obj_get_info_by_fd(int fd, void *info, __u32 *size) {
  if (info_error)
    return -info_error;
  if (fd == 4711) {
    ck_assert_uint_ge(*size, sizeof(link_info));
    memcpy(info, &link_info, sizeof(link_info));
  } else {
    ck_assert_uint_eq(*size, sizeof(struct bpf_prog_info));
    ((struct bpf_prog_info *)info)->recursion_misses = 17;
  }
  return 0;
}

static void start(void) {
  setup();
  noted[0] = '\0';
  refused = NULL;
  info_error = 0;
}

static struct bpf_program *program_named(const char *name) {
  struct bpf_program *program =
      bpf_object__find_program_by_name(slab->obj, name);

  ck_assert_msg(program, "no program %s", name);
  return program;
}

static unsigned count_selected(void) {
  struct bpf_program *program;
  unsigned count = 0;

  bpf_object__for_each_program(program, slab->obj) count +=
      bpf_program__autoload(program);
  return count;
}

static const struct hook_candidate tracepoints = {
    .programs = {"slab_alloc_tp", "slab_free_tp"}};
static const struct hook_candidate fexit = {
    .programs = {"slab_balloc_fexit"},
    .targets = {"kmem_cache_alloc_bulk_noprof"}};
static const struct hook_candidate kprobes = {
    .programs = {"slab_call_kprobe", "slab_sheaf_return"},
    .targets = {"__kfree_rcu_sheaf", "__kfree_rcu_sheaf"}};

/* One is loaded for what it will be at. */
START_TEST(attach_select_adds_the_programs_of_a_candidate) {
  ck_assert_uint_gt(count_selected(), 5);
  attach_select_none(slab->obj);
  ck_assert_uint_eq(count_selected(), 0);
  ck_assert_int_eq(attach_select(slab->obj, &tracepoints), 0);
  ck_assert_int_eq(attach_select(slab->obj, &kprobes), 0);
  ck_assert_uint_eq(count_selected(), 4);
  ck_assert(bpf_program__autoload(program_named("slab_free_tp")));
  ck_assert(bpf_program__autoload(program_named("slab_sheaf_return")));
  ck_assert_str_eq(noted, "");
  ck_assert_int_eq(attach_select(slab->obj, &fexit), 0);
  ck_assert_uint_eq(count_selected(), 5);
  ck_assert_str_eq(noted, "will be at kmem_cache_alloc_bulk_noprof\n");
}
END_TEST

START_TEST(attach_select_of_what_is_not_there_fails) {
  static const struct hook_candidate absent = {.programs = {"slab_absent"}};

  ck_assert_int_eq(attach_select(slab->obj, &absent), -ENOENT);
}
END_TEST

START_TEST(attach_open_goes_by_the_type_of_program) {
  static const struct {
    const char *program, *target, *noted;
  } rows[] = {
      {"slab_alloc_tp", NULL, "as compiled slab_alloc_tp\n"},
      {"slab_alloc_tp", "kmem_cache_alloc",
       "raw tracepoint kmem_cache_alloc\n"},
      {"slab_alloc_classic", "kmem/kmem_cache_alloc",
       "category kmem\nevent kmem_cache_alloc\n"},
      {"slab_balloc_fexit", "kmem_cache_alloc_bulk",
       "as compiled slab_balloc_fexit\n"},
      {"slab_call_kprobe", "__kfree_rcu_sheaf", "kprobe __kfree_rcu_sheaf\n"},
      {"slab_sheaf_return", "__kfree_rcu_sheaf",
       "kretprobe __kfree_rcu_sheaf\n"},
  };

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    struct attachment attachment = {0};

    noted[0] = '\0';
    ck_assert_int_eq(attach_open(program_named(rows[i].program), rows[i].target,
                                 &attachment),
                     0);
    ck_assert_str_eq(noted, rows[i].noted);
    ck_assert_ptr_eq(attachment.program, program_named(rows[i].program));
    ck_assert_ptr_nonnull(attachment.link);
  }
}
END_TEST

START_TEST(attach_open_that_is_refused_leaves_nothing) {
  struct attachment attachment = {0};

  refused = "kfree_nolock";
  ck_assert_int_eq(attach_open(program_named("slab_call_kprobe"),
                               "kfree_nolock", &attachment),
                   -EPERM);
  ck_assert(!attachment.program && !attachment.link);
}
END_TEST

START_TEST(attach_candidate_ends_with_the_first_that_is_refused) {
  static const struct hook_candidate three = {
      .programs = {"slab_call_kprobe", "slab_sheaf_return", "slab_alloc_tp"},
      .targets = {"first", "second", NULL}};
  struct attachment attachments[HOOK_PROGRAMS_MAX] = {{0}};

  ck_assert_int_eq(attach_candidate(slab->obj, &three, attachments), 0);
  ck_assert_str_eq(
      noted, "kprobe first\nkretprobe second\nas compiled slab_alloc_tp\n");
  ck_assert(attachments[2].link && !attachments[3].link);
  memset(attachments, 0, sizeof(attachments));
  refused = "second";
  ck_assert_int_eq(attach_candidate(slab->obj, &three, attachments), -EPERM);
  ck_assert(attachments[0].link && !attachments[1].link);
  ck_assert_ptr_null(attachments[2].link);
}
END_TEST

START_TEST(attach_close_detaches_once) {
  struct attachment attachment = {0};

  attach_close(&attachment);
  ck_assert_int_eq(
      attach_open(program_named("slab_call_kprobe"), "function", &attachment),
      0);
  noted[0] = '\0';
  attach_close(&attachment);
  attach_close(&attachment);
  ck_assert_str_eq(noted, "destroy link\n");
}
END_TEST

/* No series goes back because the kernel does not answer once. */
START_TEST(attach_missed_is_what_the_guard_hid) {
  struct attachment attachment = {0};

  ck_assert_uint_eq(attach_missed(&attachment), 0);
  attachment.program = program_named("slab_alloc_tp");
  info_error = EPERM;
  ck_assert_uint_eq(attach_missed(&attachment), 0);
  info_error = 0;
  ck_assert_uint_eq(attach_missed(&attachment), 17);
  info_error = EPERM;
  ck_assert_uint_eq(attach_missed(&attachment), 17);
}
END_TEST

static uint64_t hits_of(const char *program) {
  struct attachment attachment = {.program = program_named(program),
                                  .link = (struct bpf_link *)noted};

  return attach_missed_hits(&attachment);
}

/* Kernels before 6.7 tell less, and other links nothing of the kind. An fprobe
 * has its figure in another place. */
START_TEST(attach_missed_hits_are_those_of_kprobes) {
  static const struct {
    __u32 type, event_type;
    __u64 missed;
  } rows[] = {{7, 3, 29}, {7, 4, 29}, {7, 2, 0},
              {8, 0, 31}, {2, 3, 0},  {0, 0, 0}};

  link_info.missed = 29;
  link_info.length = 31;
  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    link_info.type = rows[i].type;
    link_info.event_type = rows[i].event_type;
    ck_assert_uint_eq(hits_of("slab_sheaf_return"), rows[i].missed);
    ck_assert_uint_eq(hits_of("slab_alloc_tp"), 0);
  }
}
END_TEST

START_TEST(attach_missed_hits_do_not_go_back) {
  struct attachment attachment = {0};

  link_info.type = 7;
  link_info.event_type = 3;
  link_info.missed = 29;
  ck_assert_uint_eq(attach_missed_hits(&attachment), 0);
  attachment.program = program_named("slab_sheaf_return");
  attachment.link = (struct bpf_link *)noted;
  ck_assert_uint_eq(attach_missed_hits(&attachment), 29);
  info_error = EBADF;
  ck_assert_uint_eq(attach_missed_hits(&attachment), 29);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      attach_select_adds_the_programs_of_a_candidate,
      attach_select_of_what_is_not_there_fails,
      attach_open_goes_by_the_type_of_program,
      attach_open_that_is_refused_leaves_nothing,
      attach_candidate_ends_with_the_first_that_is_refused,
      attach_close_detaches_once,
      attach_missed_is_what_the_guard_hid,
      attach_missed_hits_are_those_of_kprobes,
      attach_missed_hits_do_not_go_back,
  };

  return suite_with("attach", start, teardown, tests, ARRAY_SIZE(tests));
}
