// SPDX-License-Identifier: MIT
/* Why the kernel said no, and what helps. */
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

/* Lockdown in confidentiality mode takes the helper away. Its file in
 * securityfs need not be mounted, and libbpf 1.1 does not know how 7.x refuses
 * a helper. */
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

/* Before 5.11 maps were charged to it, and a small limit means EPERM. The
 * helper is as old as the end of that; libbpf asks for it for the same reason.
 */
static bool has_small_memlock(void) {
  struct rlimit limit;

  if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_SOCKET_FILTER,
                              BPF_FUNC_ktime_get_coarse_ns, NULL) == 1)
    return false;
  return !getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur < (64U << 20);
}

/* Above 2, as by default on Debian, perf events are for CAP_SYS_ADMIN. */
static bool is_paranoid(void) {
  FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
  int level = 0;

  if (file && fscanf(file, "%d", &level) != 1)
    level = 0;
  if (file)
    fclose(file);
  return level > 2 && !features_may(CAPABILITY_SYS_ADMIN);
}

/* Whatever else is asked for; NULL when both are given. */
static const char *explain_general(void) {
  if (!features_may_trace())
    return "the process lacks CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN before "
           "Linux 5.8); run it as root or grant both, for collectd by "
           "CapabilityBoundingSet= and AmbientCapabilities= in its systemd "
           "unit";
  if (is_locked_down())
    return "kernel lockdown is in confidentiality mode, which forbids BPF to "
           "read kernel memory; boot with lockdown=integrity or less";
  return NULL;
}

static const char *explain_permission(void) {
  if (has_small_memlock())
    return "RLIMIT_MEMLOCK is small (counts before Linux 5.11); set "
           "LimitMEMLOCK=infinity in collectd's systemd unit, or a security "
           "policy (seccomp, LSM) refuses bpf()";
  if (is_paranoid())
    return "the sysctl kernel.perf_event_paranoid is above 2, which keeps perf "
           "events for CAP_SYS_ADMIN; set it to 2, run the process as root, or "
           "choose hook \"fexit\" with option Hooks";
  return "a security policy of this kernel (seccomp, LSM or the hypervisor's "
         "build) refuses it; allow bpf() and perf_event_open(), or choose "
         "another hook with option Hooks";
}

/* What the kernel may have and this process may not see or use. */
static const char *explain_unsupported(void) {
  if (!features_may(CAPABILITY_SYSLOG))
    return "the kernel does not support it, or hides it from a process without "
           "CAP_SYSLOG (addresses in /proc/kallsyms); see bpfmem-top --probe";
  if (features_are_off(SETTINGS_HOOKS_KPROBE))
    return "the kernel does not support it, or, for kprobes, they are switched "
           "off; write 1 to " FEATURES_SWITCH_KPROBES
           " and " FEATURES_SWITCH_FTRACE;
  if (!features_have_kprobes())
    return "the kernel does not support it, or, for kprobes, was built without "
           "CONFIG_KPROBE_EVENTS, or /sys is not mounted; see bpfmem-top "
           "--probe for the hooks that can be used";
  return "the kernel does not support it; see bpfmem-top --probe for the hooks "
         "that it has";
}

static const char *explain_missing(void) {
  if (access("/sys/devices/system/cpu", F_OK))
    return "/sys is not mounted; mount sysfs there";
  return "the kernel lacks the function or tracepoint; see bpfmem-top --probe";
}

static const char *explain(int err) {
  const char *general = explain_general();

  switch (-err) {
  case EPERM:
  case EACCES:
    return general ? general : explain_permission();
  case ENOENT:
  case ESRCH:
    return explain_missing();
  case ENOLINK:
    return "function tracing or kprobes are switched off; write 1 "
           "to " FEATURES_SWITCH_FTRACE " and " FEATURES_SWITCH_KPROBES;
  case EXDEV:
    return "this kernel's tree of mappings is not as expected; see the message "
           "before, and choose another hook with option Hooks";
  case EOVERFLOW:
    return "MaxTracked times the number of CPUs is 2^32 or more, which is more "
           "counters than a table has room for; lower MaxTracked";
  case ENOMEM:
  case E2BIG:
    return "memory is short or a limit is reached; lower MaxTracked";
  case EINVAL:
  case EOPNOTSUPP:
    return general ? general : explain_unsupported();
  default:
    return "see bpfmem-top --probe for what this kernel offers";
  }
}

/* libbpf's errors say little of what is no BTF; opening the file tells more. */
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

void refusal_explain(const struct features *kernel, int err, char *text,
                     size_t size) {
  const char *warning = log_libbpf_warning();

  if (err == -ENODATA)
    explain_btf(kernel, text, size);
  else
    snprintf(text, size, "%s: %s%s%s", strerror(-err), explain(err),
             warning[0] ? "; libbpf says: " : "", warning);
}

void refusal_report(const struct features *kernel, const char *probe,
                    enum settings_hooks hooks, int err, const struct log *log) {
  char text[768];

  refusal_explain(kernel, err, text, sizeof(text));
  log_printf(log, LOG_LEVEL_ERROR, "%s: cannot start (Hooks \"%s\"): %s", probe,
             settings_hooks_name(hooks), text);
}
