/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* slab.bpf.c without the kfunc: loads where the kernel has no BTF of its own.
 */
#define SLAB_PAGE_ONLY
#include "slab.bpf.c"
