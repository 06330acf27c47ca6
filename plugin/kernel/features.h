/* SPDX-License-Identifier: MIT */
/* What the running kernel offers to this process. Its BTF, kallsyms and sysfs
 * tell; where they are not enough, this module tries. */
#ifndef BPFMEM_KERNEL_FEATURES_H
#define BPFMEM_KERNEL_FEATURES_H

#include "kernel/hook.h"

#include <stdbool.h>

#define FEATURES_OWN_BTF "/sys/kernel/btf/vmlinux"

/* Files to which 1 is written. */
#define FEATURES_SWITCH_KPROBES "/sys/kernel/debug/kprobes/enabled"
#define FEATURES_SWITCH_FTRACE "/proc/sys/kernel/ftrace_enabled"

struct btf;

enum features_answer { FEATURES_UNKNOWN, FEATURES_YES, FEATURES_NO };

/* What is known so far. Each thing is asked once for all probes that start. All
 * zero but for `path` at first. */
struct features {
  const char *path; /* a file in place of the kernel's own BTF, or NULL */
  /* Private. */
  struct btf *btf;
  bool own; /* the kernel has its own BTF, whichever is read */
  enum features_answer fentry, preemption;
  char *symbols; /* of /proc/kallsyms, or NULL */
  int error;     /* why reading or trying failed, or 0 */
};

/* Reads BTF from the file `path`, or the kernel's own when that is NULL, unless
 * it was read before. Call it before all functions below. Functions, kfuncs and
 * typed tracepoints can be hooked only with the kernel's own BTF. Returns 0;
 * -ENODATA where there is no BTF, and features_error() then tells why; or
 * -EMFILE, -ENFILE, -ENOMEM, which say nothing about the file. */
int features_read(struct features *info);
/* Frees the memory of what was read, some 6 MiB, while libbpf reads as much.
 * The answers of trials stay known. Call features_read() again before asking
 * more. */
void features_rest(struct features *info);
/* Frees all, and forgets all answers. */
void features_forget(struct features *info);

/* The file from which libbpf is to read types: `path`, or NULL for libbpf's own
 * way. libbpf 1.1 looks in the BTF of modules for what the kernel's BTF lacks,
 * which needs CAP_SYS_ADMIN. It does not if it gets the same BTF as a file. */
const char *features_btf_path(const char *path);

/* Numbers of include/uapi/linux/capability.h. Older copies lack those of 5.8.
 */
enum features_capability {
  CAPABILITY_SYS_ADMIN = 21,
  CAPABILITY_SYSLOG = 34,
  CAPABILITY_PERFMON = 38,
  CAPABILITY_BPF = 39
};

/* Whether this process is in a user namespace. Its root has all capabilities
 * there, but none over the kernel. False where /proc does not tell. */
bool features_in_user_namespace(void);
/* Whether the capability is in force over the kernel; whether all those are
 * that tracing BPF programs need. */
bool features_may(enum features_capability capability);
bool features_may_trace(void);

/* A `hook_exists`; ctx is the struct features. */
bool features_exists(void *ctx, const struct hook_need *need);

/* Whether the kernel says that hooks of that kind are switched off. Programs
 * then stay attached and are not called. False where debugfs or /proc cannot be
 * read. */
bool features_are_off(enum settings_hooks kind);

/* Whether perf can make events of kprobes, and kprobes are not switched off. */
bool features_have_kprobes(void);

/* Why BTF could not be read, or why a trial failed (-EPERM: because of a policy
 * or the caller's capabilities), or -EOPNOTSUPP. */
int features_error(const struct features *info);

#endif
