// SPDX-License-Identifier: MIT
/* run: programs that user space runs, and slots changed run by run.
 * The kernel is a fake here. */
#include "kernel/run.h"

#include "check_main.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

enum { PROGRAM_FD = 4711, EACH_RUN = 100, CHANGE = 7 };

static struct bpf_program *const program = (void *)0x1000;
static bool autoload;
static uint32_t offered[1000];
static unsigned count, room, runs;
static int run_error;

struct bpf_program *
bpf_object__find_program_by_name(const struct bpf_object *object,
                                 const char *name) {
  ck_assert_ptr_null(object);
  return strcmp(name, "an_offer") == 0 ? program : NULL;
}

int bpf_program__set_autoload(struct bpf_program *which, bool on) {
  ck_assert_ptr_eq(which, program);
  autoload = on;
  return 0;
}

int bpf_program__fd(const struct bpf_program *which) {
  return which == program ? PROGRAM_FD : -ENOENT;
}

int bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *run) {
  const uint64_t *range = run->ctx_in;
  uint32_t slot = (uint32_t)range[0];

  ck_assert_int_eq(fd, PROGRAM_FD);
  ck_assert_uint_eq(run->ctx_size_in, 3 * sizeof(uint64_t));
  ck_assert_uint_eq(range[2], CHANGE);
  runs++;
  errno = run_error;
  if (run_error)
    return -run_error;
  for (unsigned i = 0; i < EACH_RUN && slot < range[1] && count < room; i++)
    offered[count++] = slot++;
  run->retval = slot;
  return 0;
}

static void setup(void) {
  room = ARRAY_SIZE(offered);
  count = runs = 0;
  run_error = 0;
  autoload = false;
}

START_TEST(run_select_makes_the_program_load) {
  ck_assert_int_eq(run_select(NULL, "an_offer"), 0);
  ck_assert(autoload);
  ck_assert_int_eq(run_select(NULL, "another"), -ENOENT);
}
END_TEST

START_TEST(run_slots_changes_each_slot_once) {
  ck_assert_int_eq(run_slots(run_fd(NULL, "an_offer"), 8, 8 + 251, CHANGE), 0);
  ck_assert_uint_eq(runs, 3);
  ck_assert_uint_eq(count, 251);
  for (unsigned i = 0; i < count; i++)
    ck_assert_uint_eq(offered[i], 8 + i);
}
END_TEST

START_TEST(run_slots_reports_what_does_not_fit) {
  room = 150;
  ck_assert_int_eq(run_slots(run_fd(NULL, "an_offer"), 8, 8 + 251, CHANGE),
                   -ENOSPC);
  ck_assert_uint_eq(count, 150);
}
END_TEST

START_TEST(run_slots_reports_failure) {
  run_error = EPERM;
  ck_assert_int_eq(run_slots(run_fd(NULL, "an_offer"), 8, 9, CHANGE), -EPERM);
  ck_assert_uint_eq(runs, 1);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      run_select_makes_the_program_load,
      run_slots_changes_each_slot_once,
      run_slots_reports_what_does_not_fit,
      run_slots_reports_failure,
  };

  return suite_with("run", setup, NULL, tests, ARRAY_SIZE(tests));
}
