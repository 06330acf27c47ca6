/* SPDX-License-Identifier: MIT */
/* Why the kernel said no, and what helps: one sentence for the log. */
#ifndef BPFMEM_KERNEL_REFUSAL_H
#define BPFMEM_KERNEL_REFUSAL_H

#include <stddef.h>

/* `err` is a negative errno of a BPF, perf or BTF call. Looks at this process's
 * capabilities, lockdown and limits. Writes a sentence: cause; remedy. */
void refusal_explain(int err, char *text, size_t size);

/* The same for BTF that could not be read: from the file `path`, or when that
 * is NULL from the kernel itself. */
void refusal_explain_btf(const char *path, int err, char *text, size_t size);

#endif
