/* SPDX-License-Identifier: MIT */
/* Which symbols the kernel has: not those of modules. */
#ifndef BPFMEM_KERNEL_KALLSYMS_H
#define BPFMEM_KERNEL_KALLSYMS_H

#include <stdbool.h>

/* Sets ret_exists[i] where names[i] exists and its address may be seen; leaves
 * the others. 0 or -errno. */
int kallsyms_find(const char *const *names, unsigned count, bool *ret_exists);

#endif
