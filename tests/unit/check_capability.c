// SPDX-License-Identifier: MIT
/* capability: what is in force, as capget(2), a fake, says. */
#include "kernel/features.h"

#include "check_main.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>

long __wrap_syscall(long number, ...);
int __wrap_stat(const char *path, struct stat *status);

static uint64_t effective;
static bool refused;
static ino_t user_namespace; /* 0: /proc does not tell */

int __wrap_stat(const char *path, struct stat *status) {
  ck_assert_str_eq(path, "/proc/self/ns/user");
  status->st_ino = user_namespace;
  return user_namespace ? 0 : -1;
}

long __wrap_syscall(long number, ...) {
  struct __user_cap_header_struct *header;
  struct __user_cap_data_struct *data;
  va_list args;

  ck_assert_int_eq(number, SYS_capget);
  va_start(args, number);
  header = va_arg(args, void *);
  data = va_arg(args, void *);
  va_end(args);
  ck_assert_uint_eq(header->version, _LINUX_CAPABILITY_VERSION_3);
  ck_assert_int_eq(header->pid, 0);
  errno = EPERM;
  if (refused)
    return -1;
  for (int i = 0; i < 2; i++)
    data[i] = (struct __user_cap_data_struct){
        .effective = (uint32_t)(effective >> 32 * i),
        .permitted = UINT32_MAX,
        .inheritable = UINT32_MAX};
  return 0;
}

#define BIT(capability) (1ULL << (capability))

START_TEST(capability_has_looks_at_those_in_force) {
  static const enum features_capability all[] = {
      CAPABILITY_SYS_ADMIN, CAPABILITY_SYSLOG, CAPABILITY_PERFMON,
      CAPABILITY_BPF};

  for (size_t i = 0; i < ARRAY_SIZE(all); i++)
    for (size_t j = 0; j < ARRAY_SIZE(all); j++) {
      effective = BIT(all[j]);
      ck_assert_int_eq(features_may(all[i]), i == j);
    }
}
END_TEST

START_TEST(capability_suffices_with_both_or_the_old_one) {
  static const struct {
    uint64_t effective;
    bool suffices;
  } rows[] = {{0, false},
              {BIT(CAPABILITY_SYS_ADMIN), true},
              {BIT(CAPABILITY_BPF), false},
              {BIT(CAPABILITY_PERFMON), false},
              {BIT(CAPABILITY_BPF) | BIT(CAPABILITY_PERFMON), true},
              {~BIT(CAPABILITY_SYS_ADMIN) & ~BIT(CAPABILITY_BPF), false}};

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    effective = rows[i].effective;
    ck_assert_int_eq(features_may_trace(), rows[i].suffices);
  }
}
END_TEST

START_TEST(capability_that_cannot_be_asked_for_is_none) {
  effective = UINT64_MAX;
  refused = true;
  ck_assert(!features_may(CAPABILITY_BPF) && !features_may_trace());
  refused = false;
  ck_assert(features_may(CAPABILITY_BPF) && features_may_trace());
}
END_TEST

/* 0xeffffffd is the kernel's own number of the first one. */
START_TEST(capability_of_a_user_namespace_is_none) {
  effective = UINT64_MAX;
  user_namespace = 0xeffffffd;
  ck_assert(!features_in_user_namespace() && features_may_trace());
  user_namespace = 0xf0000123;
  ck_assert(features_in_user_namespace() && !features_may_trace());
  ck_assert(!features_may(CAPABILITY_SYS_ADMIN));
  user_namespace = 0;
  ck_assert(!features_in_user_namespace() && features_may_trace());
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      capability_has_looks_at_those_in_force,
      capability_suffices_with_both_or_the_old_one,
      capability_that_cannot_be_asked_for_is_none,
      capability_of_a_user_namespace_is_none,
  };

  return suite_of("capability", tests, ARRAY_SIZE(tests));
}
