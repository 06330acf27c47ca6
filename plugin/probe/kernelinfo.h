/* SPDX-License-Identifier: MIT */
/* What the running kernel offers, asked from its BTF, kallsyms and tracefs, and
 * where asking is not enough by trying. */
#ifndef BPFMEM_KERNELINFO_H
#define BPFMEM_KERNELINFO_H

#include "hook.h"
#include "log.h"

#include <stdbool.h>

#define KERNELINFO_OWN_BTF "/sys/kernel/btf/vmlinux"

struct btf;

enum kernelinfo_answer { KERNELINFO_UNKNOWN, KERNELINFO_YES, KERNELINFO_NO };

#define KERNELINFO_SYMBOLS_MAX 16

/* What is known so far, each thing asked once for all probes that start. Zero
 * but for `path` is the start. */
struct kernelinfo {
  const char *path; /* a file for want of the kernel's own BTF, or NULL */
  /* Private. */
  struct btf *btf;
  bool own; /* the kernel has its own BTF, whichever is read */
  enum kernelinfo_answer fentry, atomics, preemption;
  bool symbols_read, symbol_exists[KERNELINFO_SYMBOLS_MAX];
  int error; /* why trying failed, or 0 */
};

/* Reads the file `path`, or when that is NULL the kernel's own BTF, unless it
 * was read before; to be called before all that follows. Functions, kfuncs and
 * typed tracepoints can be hooked only with the kernel's own. 0, or -ENODATA
 * after logging what is wrong and what helps. */
int kernelinfo_read(struct kernelinfo *info, const struct log *log);
/* Back to the start. */
void kernelinfo_forget(struct kernelinfo *info);

/* What libbpf is to read types from: `path`; NULL is its own way. libbpf 1.1
 * looks for what the kernel's BTF lacks in that of modules, which needs
 * CAP_SYS_ADMIN; not if it is given the same BTF as a file. */
const char *kernelinfo_btf_path(const char *path);

/* A `hook_exists`; ctx is the struct kernelinfo. */
bool kernelinfo_exists(void *ctx, const struct hook_need *need);

/* Whether programs at tracepoints may be preempted: since 7.2, under SRCU,
 * whose part for each CPU is known to BTF. Those at functions may before. */
bool kernelinfo_tracepoints_preempt(struct kernelinfo *info);

/* Why something that was tried did not work (-EPERM: a policy, or the caller's
 * capabilities), or -EOPNOTSUPP. */
int kernelinfo_error(const struct kernelinfo *info);

#endif
