/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* slab.bpf.c for kernels that lack the kfunc or have no BTF of their own: it
 * finds the cache of an object by its page. */
#define SLAB_PAGE_ONLY
#include "slab/slab.bpf.c"
