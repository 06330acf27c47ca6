/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* pagefault.bpf.c for kernels before 6.2, and those without BTF of their own:
 * it finds the mapping of an address by copies of kernel memory, not by loads.
 */
#define PAGEFAULT_BY_COPIES
#include "pagefault/pagefault.bpf.c"
