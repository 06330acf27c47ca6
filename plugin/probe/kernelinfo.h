/* SPDX-License-Identifier: MIT */
/* What the running kernel offers, asked from its BTF, kallsyms and tracefs, and
 * where asking is not enough by trying. */
#ifndef BPFMEM_KERNELINFO_H
#define BPFMEM_KERNELINFO_H

#include "hook.h"

#include <stdbool.h>

struct kernelinfo;

/* Reads the kernel's BTF. 0 or -errno (-ENOENT: the kernel has no BTF). */
int kernelinfo_new(struct kernelinfo **ret_info);
void kernelinfo_free(struct kernelinfo *info);

/* A `hook_exists`; ctx is the struct kernelinfo. */
bool kernelinfo_exists(void *ctx, const struct hook_need *need);

/* Why something that was tried did not work (-EPERM: a policy, or the caller's
 * capabilities), or -EOPNOTSUPP. */
int kernelinfo_error(const struct kernelinfo *info);

#endif
