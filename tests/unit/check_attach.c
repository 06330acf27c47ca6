// SPDX-License-Identifier: MIT
/* attach: which programs load, and what is known of one at its hook. The object
 * is real and not loaded. */
#include "kernel/attach.h"

#include "pagefault/hooks.h"

#include "opened_objects.h"

#include <bpf/bpf.h>
#include <errno.h>

static int info_error;

/* For programs only; this one has missed 17 events. */
int bpf_obj_get_info_by_fd(int fd, void *info, __u32 *size) {
  (void)fd;
  ck_assert_uint_eq(*size, sizeof(struct bpf_prog_info));
  ((struct bpf_prog_info *)info)->recursion_misses = 17;
  return -info_error;
}

static unsigned count_selected(void) {
  struct bpf_program *program;
  unsigned count = 0;

  bpf_object__for_each_program(program, pagefault->obj) count +=
      bpf_program__autoload(program);
  return count;
}

static bool is_selected(const char *name) {
  return bpf_program__autoload(
      bpf_object__find_program_by_name(pagefault->obj, name));
}

START_TEST(attach_select_adds_the_programs_of_a_candidate) {
  static const struct hook_candidate events = {
      .programs = {"pf_minor_event", "pf_major_event"}};
  static const struct hook_candidate fexit = {.programs = {"pf_fexit"}};

  ck_assert_uint_gt(count_selected(), 3);
  attach_select_none(pagefault->obj);
  ck_assert_uint_eq(count_selected(), 0);
  ck_assert_int_eq(attach_select(pagefault->obj, &events), 0);
  ck_assert_uint_eq(count_selected(), 2);
  ck_assert(is_selected("pf_minor_event") && is_selected("pf_major_event"));
  ck_assert_int_eq(attach_select(pagefault->obj, &fexit), 0);
  ck_assert_uint_eq(count_selected(), 3);
  ck_assert(is_selected("pf_fexit"));
}
END_TEST

START_TEST(attach_select_of_what_is_not_there_fails) {
  static const struct hook_candidate absent = {.programs = {"pf_absent"}};

  ck_assert_int_eq(attach_select(pagefault->obj, &absent), -ENOENT);
}
END_TEST

/* As what was never attached. */
START_TEST(attach_open_that_fails_leaves_nothing) {
  struct attachment attachment = {0};

  ck_assert_int_lt(
      attach_open(pagefault->progs.pf_fexit, "handle_mm_fault", &attachment),
      0);
  ck_assert(!attachment.program && !attachment.link);
  ck_assert_uint_eq(attach_missed(&attachment), 0);
  attach_close(&attachment);
  attach_close(&attachment);
}
END_TEST

START_TEST(attach_missed_is_what_the_guard_hid) {
  struct attachment attachment = {.program = pagefault->progs.pf_fexit};

  ck_assert_uint_eq(attach_missed(&attachment), 17);
  info_error = EPERM;
  ck_assert_uint_eq(attach_missed(&attachment), 0);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      attach_select_adds_the_programs_of_a_candidate,
      attach_select_of_what_is_not_there_fails,
      attach_open_that_fails_leaves_nothing,
      attach_missed_is_what_the_guard_hid,
  };

  return suite_with("attach", setup, teardown, tests, ARRAY_SIZE(tests));
}
