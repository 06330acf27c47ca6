/* SPDX-License-Identifier: MIT */
/* How page faults are hooked. */
#ifndef BPFMEM_PAGEFAULT_HOOKS_H
#define BPFMEM_PAGEFAULT_HOOKS_H

#include "hook.h"

/* Kernel function behind every fault, on every architecture. */
#define PAGEFAULT_FUNCTION "handle_mm_fault"

/* Of a candidate's programs, the one at the function's return. */
#define PAGEFAULT_EXIT_PROGRAM 1

extern const struct hook_event pagefault_hooks;

/* The same hooks for kernels whose BPF cannot compare and swap. */
extern const struct hook_candidate pagefault_old_kprobe, pagefault_old_fexit;

/* What the kernel must have for the others. */
extern const struct hook_need pagefault_atomics;

#endif
