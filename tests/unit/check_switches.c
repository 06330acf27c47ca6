// SPDX-License-Identifier: MIT
/* switches: what two files of the kernel say. */
#include "kernel/features.h"

#include "check_main.h"

#include <string.h>
#include <sys/types.h>

int __wrap_open(const char *path, int flags, ...);
int __real_open(const char *path, int flags, ...);
ssize_t __wrap_read(int fd, void *buffer, size_t size);
int __wrap_close(int fd);

enum { KPROBES_FD = 100, FTRACE_FD };

static char kprobes, ftrace; /* what the files have; 0: cannot be opened */
static int is_open;

/* Coverage has files of its own. */
int __wrap_open(const char *path, int flags, ...) {
  bool is_kprobes = !strcmp(path, "/sys/kernel/debug/kprobes/enabled");

  if (strncmp(path, "/sys/", 5) != 0 && strncmp(path, "/proc/", 6) != 0)
    return __real_open(path, flags, 0666);
  ck_assert(is_kprobes || !strcmp(path, "/proc/sys/kernel/ftrace_enabled"));
  if (!(is_kprobes ? kprobes : ftrace))
    return -1;
  is_open++;
  return is_kprobes ? KPROBES_FD : FTRACE_FD;
}

ssize_t __wrap_read(int fd, void *buffer, size_t size) {
  ck_assert_uint_eq(size, 1);
  *(char *)buffer = fd == KPROBES_FD ? kprobes : ftrace;
  return 1;
}

int __wrap_close(int fd) {
  ck_assert(fd == KPROBES_FD || fd == FTRACE_FD);
  is_open--;
  return 0;
}

/* Kprobes stand on ftrace. What cannot be read is taken for on. */
START_TEST(features_are_off_where_the_kernel_says_so) {
  static const struct {
    char kprobes, ftrace;
    bool kprobe_is_off, fexit_is_off;
  } rows[] = {{'1', '1', false, false}, {'0', '1', true, false},
              {'1', '0', true, true},   {'0', '0', true, true},
              {0, 0, false, false},     {0, '0', true, true},
              {'0', 0, true, false}};

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    kprobes = rows[i].kprobes;
    ftrace = rows[i].ftrace;
    ck_assert_int_eq(features_are_off(SETTINGS_HOOKS_KPROBE),
                     rows[i].kprobe_is_off);
    ck_assert_int_eq(features_are_off(SETTINGS_HOOKS_FEXIT),
                     rows[i].fexit_is_off);
    ck_assert_int_eq(is_open, 0);
  }
}
END_TEST

START_TEST(switches_do_not_concern_other_hooks) {
  kprobes = ftrace = '0';
  ck_assert(!features_are_off(SETTINGS_HOOKS_EVENT));
  ck_assert(!features_are_off(SETTINGS_HOOKS_TRACEPOINT));
  ck_assert(!features_are_off(SETTINGS_HOOKS_AUTO));
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      features_are_off_where_the_kernel_says_so,
      switches_do_not_concern_other_hooks,
  };

  return suite_of("switches", tests, ARRAY_SIZE(tests));
}
