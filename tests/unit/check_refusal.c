// SPDX-License-Identifier: MIT
/* refusal: what is said for which error. What it looks at is a fake. */
#include "kernel/refusal.h"

#include "kernel/features.h"
#include "kernel/log.h"

#include "check_main.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

FILE *__wrap_fopen(const char *path, const char *mode);
int __wrap_access(const char *path, int mode);
int __wrap_getrlimit(int resource, struct rlimit *limit);
/* opts is const until libbpf 1.1. */
int __wrap_bpf_prog_load(enum bpf_prog_type type, const char *name,
                         const char *license, const struct bpf_insn *insns,
                         size_t count, const struct bpf_prog_load_opts *opts);

static struct {
  bool capable, syslog, sys_admin; /* what the process may do */
  bool in_namespace;
  bool locked_down, charges_memlock, no_sysfs, kprobes_off, no_kprobes;
  rlim_t memlock;
  const char *paranoid; /* the sysctl; NULL: none */
  const char *warning;  /* of libbpf */
} kernel;

bool features_may(enum features_capability capability) {
  return capability == CAPABILITY_SYSLOG ? kernel.syslog : kernel.sys_admin;
}

bool features_in_user_namespace(void) {
  return kernel.in_namespace;
}

bool features_may_trace(void) {
  return kernel.capable;
}

bool features_are_off(enum settings_hooks kind) {
  ck_assert_int_eq(kind, SETTINGS_HOOKS_KPROBE);
  return kernel.kprobes_off;
}

bool features_have_kprobes(void) {
  return !kernel.no_kprobes && !kernel.kprobes_off;
}

int features_error(const struct features *info) {
  return info->error;
}

static char logged[2048];
static enum log_level logged_level;

void log_printf(const struct log *log, enum log_level level, const char *format,
                ...) {
  va_list args;

  ck_assert(!log);
  logged_level = level;
  va_start(args, format);
  vsnprintf(logged, sizeof(logged), format, args);
  va_end(args);
}

const char *log_libbpf_warning(void) {
  return kernel.warning;
}

int __wrap_bpf_prog_load(enum bpf_prog_type type, const char *name,
                         const char *license, const struct bpf_insn *insns,
                         size_t count, const struct bpf_prog_load_opts *opts) {
  (void)name;
  (void)license;
  ck_assert(type == BPF_PROG_TYPE_RAW_TRACEPOINT && insns && count && !opts);
  return kernel.locked_down ? -EINVAL : -EPERM;
}

int libbpf_probe_bpf_helper(enum bpf_prog_type type, enum bpf_func_id helper,
                            const void *opts) {
  (void)type;
  (void)opts;
  ck_assert_int_eq(helper, BPF_FUNC_ktime_get_coarse_ns);
  return !kernel.charges_memlock;
}

FILE *__wrap_fopen(const char *path, const char *mode) {
  errno = EACCES;
  if (strcmp(path, "/proc/sys/kernel/perf_event_paranoid") != 0)
    return strchr(path, '!') ? NULL : fmemopen((char *)"x", 1, mode);
  return kernel.paranoid
             ? fmemopen((char *)kernel.paranoid, strlen(kernel.paranoid), mode)
             : NULL;
}

int __wrap_access(const char *path, int mode) {
  (void)mode;
  return !strncmp(path, "/sys", 4) && kernel.no_sysfs ? -1 : 0;
}

int __wrap_getrlimit(int resource, struct rlimit *limit) {
  ck_assert_int_eq(resource, RLIMIT_MEMLOCK);
  *limit = (struct rlimit){kernel.memlock, RLIM_INFINITY};
  return 0;
}

#define POLICY "allow bpf() and perf_event_open()"

static struct features features;
static char text[768];

/* A process that may do all, on a kernel that has all. */
static void setup(void) {
  memset(&kernel, 0, sizeof(kernel));
  features = (struct features){0};
  kernel.capable = kernel.syslog = kernel.sys_admin = true;
  kernel.memlock = RLIM_INFINITY;
  kernel.paranoid = "2\n";
  kernel.warning = "";
  logged[0] = '\0';
}

static void check_says(int err, const char *part) {
  refusal_explain(&features, -err, text, sizeof(text));
  ck_assert_msg(!strncmp(text, strerror(err), strlen(strerror(err))) ==
                    (err != ENOLINK && err != EXDEV && err != EOVERFLOW),
                "the error's name: %s", text);
  ck_assert_msg(strstr(text, part), "\"%s\" is not in: %s", part, text);
}

START_TEST(refusal_names_a_remedy_for_each_error) {
  static const struct {
    int err;
    const char *part;
  } rows[] = {
      {EPERM, POLICY},
      {EACCES, POLICY},
      {ENOENT, "the kernel lacks the function"},
      {ESRCH, "the kernel lacks the function"},
      {ENOLINK, "write 1 to /proc/sys/kernel/ftrace_enabled"},
      {EXDEV, "see the message before"},
      {EOVERFLOW, "MaxTracked times the number of CPUs"},
      {ENOMEM, "lower MaxTracked"},
      {E2BIG, "lower MaxTracked"},
      {EINVAL, "the kernel does not support it"},
      {EOPNOTSUPP, "the kernel does not support it"},
      {ENOSYS, "the kernel does not support it"},
      {EMFILE, "LimitNOFILE=4096"},
      {ENFILE, "fs.file-max"},
      {EIO, "see bpfmem-top --probe"},
  };

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
    check_says(rows[i].err, rows[i].part);
}
END_TEST

/* The first that is wrong: whoever mends it is told the next. */
START_TEST(refusal_looks_at_capabilities_first) {
  kernel.capable = kernel.sys_admin = false;
  kernel.locked_down = kernel.charges_memlock = true;
  kernel.memlock = 65536;
  kernel.paranoid = "3\n";
  kernel.in_namespace = true;
  check_says(EPERM, "in a user namespace");
  check_says(EINVAL, "in a user namespace");
  kernel.in_namespace = false;
  check_says(EPERM, "lacks CAP_BPF and CAP_PERFMON");
  check_says(EINVAL, "lacks CAP_BPF and CAP_PERFMON");
  kernel.capable = true;
  check_says(EPERM, "boot with lockdown=integrity");
  check_says(EINVAL, "boot with lockdown=integrity");
  kernel.locked_down = false;
  check_says(EPERM, "LimitMEMLOCK=infinity");
  kernel.charges_memlock = false;
  check_says(EPERM, "kernel.perf_event_paranoid is above 2");
  kernel.paranoid = "2\n";
  check_says(EPERM, POLICY);
}
END_TEST

START_TEST(refusal_by_memlock_takes_a_small_limit) {
  kernel.charges_memlock = true;
  kernel.memlock = 64 << 20;
  check_says(EPERM, POLICY);
  kernel.memlock--;
  check_says(EPERM, "LimitMEMLOCK=infinity");
}
END_TEST

/* It is for those who are not CAP_SYS_ADMIN. */
START_TEST(refusal_by_paranoia_is_not_for_root) {
  static const char *const rows[] = {"3\n", "4\n"};

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    kernel.paranoid = rows[i];
    kernel.sys_admin = false;
    check_says(EACCES, "choose hook \"fexit\"");
    kernel.sys_admin = true;
    check_says(EACCES, POLICY);
  }
  kernel.sys_admin = false;
  kernel.paranoid = NULL;
  check_says(EACCES, POLICY);
}
END_TEST

START_TEST(refusal_tells_what_is_hidden_or_off) {
  kernel.no_sysfs = true;
  check_says(ENOENT, "/sys is not mounted");
  kernel.no_kprobes = true;
  check_says(EOPNOTSUPP, "CONFIG_KPROBE_EVENTS");
  kernel.kprobes_off = true;
  check_says(EOPNOTSUPP, "write 1 to /sys/kernel/debug/kprobes/enabled");
  kernel.syslog = false;
  check_says(EOPNOTSUPP, "CAP_SYSLOG");
}
END_TEST

START_TEST(refusal_ends_with_what_libbpf_says) {
  kernel.warning = "map 'pf_files': failed to create";
  check_says(ENOMEM, "; libbpf says: map 'pf_files': failed to create");
  /* Where the cause is known, it is noise. */
  refusal_explain(&features, -EMFILE, text, sizeof(text));
  ck_assert_ptr_null(strstr(text, "libbpf"));
  kernel.warning = "";
  refusal_explain(&features, -ENOMEM, text, sizeof(text));
  ck_assert_ptr_null(strstr(text, "libbpf"));
}
END_TEST

START_TEST(refusal_of_btf_names_option_file_and_remedy) {
  features = (struct features){.path = "/no!", .error = -ENOENT};
  refusal_explain(&features, -ENODATA, text, sizeof(text));
  ck_assert_str_eq(text, "option BTF: cannot open /no!: Permission denied");
  features.path = "/etc/passwd";
  refusal_explain(&features, -ENODATA, text, sizeof(text));
  ck_assert_ptr_nonnull(strstr(text, "option BTF: /etc/passwd is not BTF"));
  features.path = NULL;
  refusal_explain(&features, -ENODATA, text, sizeof(text));
  ck_assert_ptr_nonnull(strstr(text, "CONFIG_DEBUG_INFO_BTF"));
  ck_assert_ptr_nonnull(strstr(text, strerror(ENOENT)));
}
END_TEST

/* What parts of the kernel say, and strerror() does not know. */
START_TEST(refusal_of_the_kernels_own_number_is_one_of_ours) {
  refusal_explain(&features, -524, text, sizeof(text));
  ck_assert_ptr_eq(strstr(text, strerror(EOPNOTSUPP)), text);
  ck_assert_ptr_nonnull(strstr(text, "the kernel does not support it"));
}
END_TEST

START_TEST(refusal_kept_is_told_once) {
  struct refusal refusal = {.probe = "pagefault"};

  refusal_tell(&refusal, NULL);
  refusal_keep(&refusal, &features, "hook event", -EMFILE, NULL);
  refusal_keep(&refusal, &features, "hook event", -EMFILE, NULL);
  ck_assert_str_eq(logged, "");
  refusal_keep(&refusal, &features, "hook fexit", -ENOMEM, NULL);
  ck_assert_ptr_eq(
      strstr(logged, "pagefault: hook event cannot be used: Too many open"),
      logged);
  ck_assert_int_eq(logged_level, LOG_LEVEL_INFO);
  refusal_tell(&refusal, NULL);
  ck_assert_ptr_eq(strstr(logged, "pagefault: hook fexit cannot be used: "),
                   logged);
  logged[0] = '\0';
  refusal_tell(&refusal, NULL);
  ck_assert_str_eq(logged, "");
}
END_TEST

START_TEST(refusal_report_names_probe_option_and_value) {
  refusal_report(&features, "slab", SETTINGS_HOOKS_KPROBE, -ENOMEM, NULL);
  ck_assert_ptr_eq(strstr(logged, "slab: cannot start (Hooks \"kprobe\"): "),
                   logged);
  ck_assert_int_eq(logged_level, LOG_LEVEL_ERROR);
  ck_assert_ptr_nonnull(strstr(logged, "lower MaxTracked"));
}
END_TEST

/* Long warnings are cut, not written beyond the end. */
START_TEST(refusal_fits_what_it_is_given) {
  char small[40];

  memset(small, 'x', sizeof(small));
  refusal_explain(&features, -EPERM, small, sizeof(small) - 1);
  ck_assert_uint_eq(strlen(small), sizeof(small) - 2);
  ck_assert_int_eq(small[sizeof(small) - 1], 'x');
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      refusal_names_a_remedy_for_each_error,
      refusal_looks_at_capabilities_first,
      refusal_by_memlock_takes_a_small_limit,
      refusal_by_paranoia_is_not_for_root,
      refusal_tells_what_is_hidden_or_off,
      refusal_ends_with_what_libbpf_says,
      refusal_of_btf_names_option_file_and_remedy,
      refusal_of_the_kernels_own_number_is_one_of_ours,
      refusal_kept_is_told_once,
      refusal_report_names_probe_option_and_value,
      refusal_fits_what_it_is_given,
  };

  return suite_with("refusal", setup, NULL, tests, ARRAY_SIZE(tests));
}
