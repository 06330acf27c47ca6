/* SPDX-License-Identifier: MIT */
/* Page faults per file. */
#ifndef BPFMEM_PAGEFAULT_PAGEFAULT_H
#define BPFMEM_PAGEFAULT_PAGEFAULT_H

#include "probe.h"

extern const struct probe pagefault_probe;

#endif
