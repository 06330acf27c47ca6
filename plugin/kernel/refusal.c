// SPDX-License-Identifier: MIT
/* Why the kernel refused, and what helps. */
#include "kernel/refusal.h"

#include "kernel/features.h"
#include "kernel/log.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Lockdown in confidentiality mode takes the helper away. securityfs, which has
 * its file, need not be mounted, and libbpf 1.1 does not understand how 7.x
 * refuses a helper. So this tries to load a program. */
static bool is_locked_down(void) {
  const struct bpf_insn read_kernel[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 10},
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = -8},
      {.code = BPF_ALU64 | BPF_ADD | BPF_X, .dst_reg = 1, .src_reg = 2},
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 8},
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3},
      {.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_kernel},
      {.code = BPF_ALU64 | BPF_MOV | BPF_K},
      {.code = BPF_JMP | BPF_EXIT},
  };
  int prog = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "bpfmem_try",
                           "Dual MIT/GPL", read_kernel,
                           sizeof(read_kernel) / sizeof(read_kernel[0]), NULL);

  if (prog >= 0)
    close(prog);
  return prog == -EINVAL;
}

/* Before 5.11 maps count as locked memory, and a small limit means EPERM. A
 * kernel with this helper is not older than 5.11; libbpf makes the same test.
 */
static bool has_small_memlock(void) {
  struct rlimit limit;

  if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_SOCKET_FILTER,
                              BPF_FUNC_ktime_get_coarse_ns, NULL) == 1)
    return false;
  return !getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur < (64U << 20);
}

/* Above 2, the default of Debian, perf events need CAP_SYS_ADMIN. */
static bool is_paranoid(void) {
  FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
  int level = 0;

  if (file && fscanf(file, "%d", &level) != 1)
    level = 0;
  if (file)
    fclose(file);
  return level > 2 && !features_may(CAPABILITY_SYS_ADMIN);
}

static bool has_no_right(void) {
  return !features_may_trace();
}

static bool has_no_syslog(void) {
  return !features_may(CAPABILITY_SYSLOG);
}

static bool has_kprobes_off(void) {
  return features_are_off(SETTINGS_HOOKS_KPROBE);
}

static bool has_no_kprobes(void) {
  return !features_have_kprobes();
}

static bool has_no_sysfs(void) {
  return access("/sys/devices/system/cpu", F_OK);
}

/* What an error means. Of those with its number, the first that holds counts.
 * number_of() gives errors of one meaning one number. */
struct meaning {
  int number;
  bool (*holds)(void); /* NULL: yes */
  /* ADD: libbpf's last words are added. ALL: they are left out, as they say no
   * more. OURS: so is the name of the error, which the plugin itself chose. */
  enum { ADD, ALL, OURS } say;
  const char *text; /* cause; remedy */
};

#define NAMESPACE                                                              \
  "the process is in a user namespace (rootless or unprivileged container), "  \
  "whose capabilities do not count for BPF; run it on the host, or in a "      \
  "container without one"
#define RIGHT                                                                  \
  "the process lacks CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN before Linux "     \
  "5.8); run it as root or grant both, for collectd by "                       \
  "CapabilityBoundingSet= and AmbientCapabilities= in its systemd unit"
#define LOCKDOWN                                                               \
  "kernel lockdown is in confidentiality mode, which forbids BPF to read "     \
  "kernel memory; boot with lockdown=integrity or less"

static const struct meaning meanings[] = {
    {EPERM, features_in_user_namespace, ALL, NAMESPACE},
    {EPERM, has_no_right, ALL, RIGHT},
    {EPERM, is_locked_down, ALL, LOCKDOWN},
    {EPERM, has_small_memlock, ALL,
     "RLIMIT_MEMLOCK is small (counts before Linux 5.11); set "
     "LimitMEMLOCK=infinity in collectd's systemd unit, or a security policy "
     "(seccomp, LSM) refuses bpf()"},
    {EPERM, is_paranoid, ALL,
     "the sysctl kernel.perf_event_paranoid is above 2, which keeps perf "
     "events for CAP_SYS_ADMIN; set it to 2, run the process as root, or "
     "choose hook \"fexit\" with option Hooks"},
    {EPERM, NULL, ADD,
     "a security policy of this kernel (seccomp, LSM or the hypervisor's "
     "build) refuses it; allow bpf() and perf_event_open(), or choose another "
     "hook with option Hooks"},
    {ENOENT, has_no_sysfs, ALL, "/sys is not mounted; mount sysfs there"},
    {ENOENT, NULL, ADD,
     "the kernel lacks the function or tracepoint; see bpfmem-top --probe"},
    {ENOLINK, NULL, OURS,
     "function tracing or kprobes are switched off; write 1 "
     "to " FEATURES_SWITCH_FTRACE " and " FEATURES_SWITCH_KPROBES},
    {EXDEV, NULL, OURS,
     "this kernel's tree of mappings is not as expected; see the message "
     "before, and choose another hook with option Hooks"},
    {EOVERFLOW, NULL, OURS,
     "MaxTracked times the number of CPUs is 2^32 or more, which is more "
     "counters than a table has room for; lower MaxTracked"},
    {EMFILE, NULL, ALL,
     "the limit of open files (RLIMIT_NOFILE) is reached: the plugin needs "
     "some "
     "40, and two for each CPU; set LimitNOFILE=4096 in collectd's systemd "
     "unit "
     "or more"},
    {ENFILE, NULL, ALL,
     "the system's limit of open files is reached; raise the sysctl "
     "fs.file-max"},
    {ENOMEM, NULL, ADD,
     "memory is short or a limit is reached; lower MaxTracked, or raise the "
     "limit of the container or of MemoryMax= in collectd's systemd unit"},
    {EINVAL, features_in_user_namespace, ALL, NAMESPACE},
    {EINVAL, has_no_right, ALL, RIGHT},
    {EINVAL, is_locked_down, ALL, LOCKDOWN},
    {EINVAL, has_no_syslog, ADD,
     "the kernel does not support it, or hides it from a process without "
     "CAP_SYSLOG (addresses in /proc/kallsyms); see bpfmem-top --probe"},
    {EINVAL, has_kprobes_off, ADD,
     "the kernel does not support it, or, for kprobes, they are switched off; "
     "write 1 to " FEATURES_SWITCH_KPROBES " and " FEATURES_SWITCH_FTRACE},
    {EINVAL, has_no_kprobes, ADD,
     "the kernel does not support it, or, for kprobes, was built without "
     "CONFIG_KPROBE_EVENTS, or /sys is not mounted; see bpfmem-top --probe for "
     "the hooks that can be used"},
    {EINVAL, NULL, ADD,
     "the kernel does not support it; see bpfmem-top --probe for the hooks "
     "that "
     "it has"},
    {0, NULL, ADD, "see bpfmem-top --probe for what this kernel offers"},
};

/* include/linux/errno.h: what some parts of the kernel say for EOPNOTSUPP. */
#define KERNEL_ENOTSUPP 524

static int number_of(int err) {
  switch (-err) {
  case EACCES:
    return EPERM;
  case ESRCH:
    return ENOENT;
  case E2BIG:
    return ENOMEM;
  case EOPNOTSUPP:
  case ENOSYS:
  case KERNEL_ENOTSUPP:
    return EINVAL;
  default:
    return -err;
  }
}

static const struct meaning *meaning_of(int err) {
  const struct meaning *meaning = meanings;
  int number = number_of(err);

  while (meaning->number &&
         (meaning->number != number || (meaning->holds && !meaning->holds())))
    meaning++;
  return meaning;
}

/* libbpf's errors say little about a file that is no BTF. To open it tells
 * more. */
static void explain_btf_file(const char *path, char *text, size_t size) {
  FILE *file = fopen(path, "re");

  if (!file) {
    snprintf(text, size, "option BTF: cannot open %s: %s", path,
             strerror(errno));
    return;
  }
  fclose(file);
  snprintf(text, size,
           "option BTF: %s is not BTF; it must be a file of raw BTF or an ELF "
           "file with a section .BTF, made for this very kernel",
           path);
}

static void explain_btf(const struct features *kernel, char *text,
                        size_t size) {
  if (kernel->path)
    explain_btf_file(kernel->path, text, size);
  else
    snprintf(text, size,
             "the kernel's BTF cannot be read from /sys/kernel/btf/vmlinux "
             "(%s); the kernel must be built with CONFIG_DEBUG_INFO_BTF and "
             "/sys be mounted, or option BTF name a file of this kernel's BTF: "
             "from its vmlinux with debug information by \"pahole "
             "--btf_encode_detached FILE vmlinux\", or from the BTFHub archive",
             strerror(-features_error(kernel)));
}

static void explain(int err, char *text, size_t size) {
  const struct meaning *meaning = meaning_of(err);
  const char *error = strerror(err == -KERNEL_ENOTSUPP ? EOPNOTSUPP : -err);
  const char *warning = meaning->say == ADD ? log_libbpf_warning() : "";

  if (meaning->say == OURS)
    snprintf(text, size, "%s", meaning->text);
  else
    snprintf(text, size, "%s: %s%s%s", error, meaning->text,
             warning[0] ? "; libbpf says: " : "", warning);
}

void refusal_explain(const struct features *kernel, int err, char *text,
                     size_t size) {
  if (err == -ENODATA)
    explain_btf(kernel, text, size);
  else
    explain(err, text, size);
}

void refusal_tell(struct refusal *refusal, const struct log *log) {
  if (refusal->text[0])
    log_printf(log, LOG_LEVEL_INFO, "%s: %s cannot be used: %s", refusal->probe,
               refusal->hook, refusal->text);
  refusal->text[0] = '\0';
}

void refusal_keep(struct refusal *refusal, const struct features *kernel,
                  const char *hook, int err, const struct log *log) {
  char text[REFUSAL_SIZE];

  refusal_explain(kernel, err, text, sizeof(text));
  if (strcmp(text, refusal->text) != 0)
    refusal_tell(refusal, log);
  refusal->hook = hook;
  snprintf(refusal->text, sizeof(refusal->text), "%s", text);
}

void refusal_report(const struct features *kernel, const char *probe,
                    enum settings_hooks hooks, int err, const struct log *log) {
  char text[REFUSAL_SIZE];

  refusal_explain(kernel, err, text, sizeof(text));
  log_printf(log, LOG_LEVEL_ERROR, "%s: cannot start (Hooks \"%s\"): %s", probe,
             settings_hooks_name(hooks), text);
}
