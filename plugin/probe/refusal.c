// SPDX-License-Identifier: MIT
/* Why the kernel said no, and what helps. */
#include "refusal.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* include/uapi/linux/capability.h; BPF and PERFMON since 5.8 */
#define CAPABILITY_SYS_ADMIN 21
#define CAPABILITY_PERFMON 38
#define CAPABILITY_BPF 39

static uint64_t capabilities(void) {
  FILE *file = fopen("/proc/self/status", "re");
  uint64_t effective = 0;
  char line[256];

  while (file && fgets(line, sizeof(line), file))
    if (sscanf(line, "CapEff: %" SCNx64, &effective) == 1)
      break;
  if (file)
    fclose(file);
  return effective;
}

static bool may_use_bpf(void) {
  uint64_t have = capabilities();
  uint64_t need = UINT64_C(1) << CAPABILITY_BPF | UINT64_C(1)
                                                      << CAPABILITY_PERFMON;

  return (have & need) == need || have >> CAPABILITY_SYS_ADMIN & 1;
}

/* The mode in force stands in brackets: "none integrity [confidentiality]". */
static bool is_locked_down(void) {
  FILE *file = fopen("/sys/kernel/security/lockdown", "re");
  char line[256] = "";
  bool locked = file && fgets(line, sizeof(line), file) &&
                strstr(line, "[confidentiality]");

  if (file)
    fclose(file);
  return locked;
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

static const char *explain_permission(void) {
  if (!may_use_bpf())
    return "the process lacks CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN before "
           "Linux 5.8); run it as root or grant both, for collectd by "
           "CapabilityBoundingSet= and AmbientCapabilities= in its systemd "
           "unit";
  if (is_locked_down())
    return "kernel lockdown is in confidentiality mode, which forbids BPF to "
           "read kernel memory; boot with lockdown=integrity or less";
  if (has_small_memlock())
    return "RLIMIT_MEMLOCK is small (counts before Linux 5.11); set "
           "LimitMEMLOCK=infinity in collectd's systemd unit, or a security "
           "policy (seccomp, LSM) refuses bpf()";
  return "a security policy of this kernel (seccomp, LSM or the hypervisor's "
         "build) refuses it; allow bpf() and perf_event_open(), or choose "
         "another hook with option Hooks";
}

static const char *explain(int err) {
  switch (-err) {
  case EPERM:
  case EACCES:
    return explain_permission();
  case ENOENT:
  case ESRCH:
    return "the kernel lacks the function or tracepoint; see bpfmem-top "
           "--probe";
  case ENODATA:
    return "types of the kernel (BTF) are needed; see the message before";
  case ENOMEM:
  case E2BIG:
    return "memory is short or a limit is reached; lower MaxTracked";
  case EINVAL:
  case EOPNOTSUPP:
    return "the kernel does not support it; see bpfmem-top --probe for the "
           "hooks that it has";
  default:
    return "see bpfmem-top --probe for what this kernel offers";
  }
}

void refusal_explain(int err, char *text, size_t size) {
  snprintf(text, size, "%s: %s", strerror(-err), explain(err));
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

void refusal_explain_btf(const char *path, int err, char *text, size_t size) {
  if (path)
    explain_btf_file(path, text, size);
  else
    snprintf(text, size,
             "the kernel's BTF cannot be read from /sys/kernel/btf/vmlinux "
             "(%s); the kernel must be built with CONFIG_DEBUG_INFO_BTF and "
             "/sys be mounted, or option BTF name a file of this kernel's BTF: "
             "from its vmlinux with debug information by \"pahole "
             "--btf_encode_detached FILE vmlinux\", or from the BTFHub archive",
             strerror(-err));
}
