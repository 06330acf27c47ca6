/* SPDX-License-Identifier: MIT */
/* What the running kernel offers to this process, asked from its BTF, kallsyms
 * and sysfs, and where asking is not enough by trying. */
#ifndef BPFMEM_KERNEL_FEATURES_H
#define BPFMEM_KERNEL_FEATURES_H

#include "kernel/hook.h"

#include <stdbool.h>

#define FEATURES_OWN_BTF "/sys/kernel/btf/vmlinux"

/* Where to write 1. */
#define FEATURES_SWITCH_KPROBES "/sys/kernel/debug/kprobes/enabled"
#define FEATURES_SWITCH_FTRACE "/proc/sys/kernel/ftrace_enabled"

struct btf;

enum features_answer { FEATURES_UNKNOWN, FEATURES_YES, FEATURES_NO };

/* What is known so far, each thing asked once for all probes that start. Zero
 * but for `path` is the start. */
struct features {
  const char *path; /* a file for want of the kernel's own BTF, or NULL */
  /* Private. */
  struct btf *btf;
  bool own; /* the kernel has its own BTF, whichever is read */
  enum features_answer fentry, preemption;
  char *symbols; /* of /proc/kallsyms, or NULL */
  int error;     /* why reading or trying failed, or 0 */
};

/* Reads the file `path`, or when that is NULL the kernel's own BTF, unless it
 * was read before; to be called before all that follows. Functions, kfuncs and
 * typed tracepoints can be hooked only with the kernel's own. 0; -ENODATA where
 * there is none, and features_error() then tells why; or -EMFILE, -ENFILE,
 * -ENOMEM, which say nothing about the file. */
int features_read(struct features *info);
/* Gives back the memory of what was read, some 6 MiB, while libbpf reads as
 * much; what was tried stays known. Before more is asked: features_read()
 * again. */
void features_rest(struct features *info);
/* Back to the start. */
void features_forget(struct features *info);

/* What libbpf is to read types from: `path`; NULL is its own way. libbpf 1.1
 * looks for what the kernel's BTF lacks in that of modules, which needs
 * CAP_SYS_ADMIN; not if it is given the same BTF as a file. */
const char *features_btf_path(const char *path);

/* Numbers of include/uapi/linux/capability.h, whose older copies lack those of
 * 5.8. */
enum features_capability {
  CAPABILITY_SYS_ADMIN = 21,
  CAPABILITY_SYSLOG = 34,
  CAPABILITY_PERFMON = 38,
  CAPABILITY_BPF = 39
};

/* The root of a user namespace has all capabilities, and none over the kernel.
 * False where /proc does not tell. */
bool features_in_user_namespace(void);
/* Whether it is in force over the kernel; whether all are that BPF programs
 * that trace need. */
bool features_may(enum features_capability capability);
bool features_may_trace(void);

/* A `hook_exists`; ctx is the struct features. */
bool features_exists(void *ctx, const struct hook_need *need);

/* Whether the kernel says that hooks of that kind are switched off: programs
 * stay attached then and are not called. False where debugfs or /proc cannot be
 * read. */
bool features_are_off(enum settings_hooks kind);

/* Whether perf makes events of kprobes, and kprobes are not switched off. */
bool features_have_kprobes(void);

/* Why BTF could not be read or something that was tried did not work (-EPERM: a
 * policy, or the caller's capabilities), or -EOPNOTSUPP. */
int features_error(const struct features *info);

#endif
