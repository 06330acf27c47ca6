/* SPDX-License-Identifier: MIT */
/* How page faults are hooked. */
#ifndef BPFMEM_PAGEFAULT_HOOKS_H
#define BPFMEM_PAGEFAULT_HOOKS_H

#include "hook.h"

/* Kernel function behind every fault, on every architecture. */
#define PAGEFAULT_FUNCTION "handle_mm_fault"

extern const struct hook_event pagefault_hooks;

#endif
