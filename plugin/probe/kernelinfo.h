/* SPDX-License-Identifier: MIT */
/* What the running kernel offers, asked from its BTF, kallsyms and tracefs, and
 * where asking is not enough by trying. */
#ifndef BPFMEM_KERNELINFO_H
#define BPFMEM_KERNELINFO_H

#include "hook.h"
#include "log.h"

#include <stdbool.h>

#define KERNELINFO_OWN_BTF "/sys/kernel/btf/vmlinux"

struct kernelinfo;

/* Reads the file `btf`, or when that is NULL the kernel's own BTF. Functions,
 * kfuncs and typed tracepoints can be hooked only with the kernel's own. 0,
 * -ENOMEM, or -ENODATA after logging what is wrong and what helps. */
int kernelinfo_new(const char *btf, const struct log *log,
                   struct kernelinfo **ret_info);
void kernelinfo_free(struct kernelinfo *info);

/* What libbpf is to read types from: `btf`; NULL is its own way. libbpf 1.1
 * looks for what the kernel's BTF lacks in that of modules, which needs
 * CAP_SYS_ADMIN; not if it is given the same BTF as a file. */
const char *kernelinfo_btf_path(const char *btf);

/* A `hook_exists`; ctx is the struct kernelinfo. */
bool kernelinfo_exists(void *ctx, const struct hook_need *need);

/* Why something that was tried did not work (-EPERM: a policy, or the caller's
 * capabilities), or -EOPNOTSUPP. */
int kernelinfo_error(const struct kernelinfo *info);

#endif
