/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* slab.bpf.c with the cache of an object from its page, not from the kfunc:
 * loads where the kernel lacks that or has no BTF of its own. */
#define SLAB_PAGE_ONLY
#include "slab/slab.bpf.c"
