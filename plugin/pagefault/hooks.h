/* SPDX-License-Identifier: MIT */
/* How page faults are hooked. */
#ifndef BPFMEM_PAGEFAULT_HOOKS_H
#define BPFMEM_PAGEFAULT_HOOKS_H

#include "kernel/hook.h"

/* Kernel function behind every fault, on every architecture. */
#define PAGEFAULT_FUNCTION "handle_mm_fault"

extern const struct hook_event pagefault_hooks;

/* The same hook for kernels whose BPF cannot compare and swap. */
extern const struct hook_candidate pagefault_old_kprobe;

/* What the kernel must have not to need the old kprobe. */
extern const struct hook_need pagefault_atomics;

/* The hook tracepoint on machines of more CPUs than there are lines for, and
 * where the kernel may preempt programs at tracepoints. */
extern const struct hook_candidate pagefault_plain_tracepoint;
extern const struct hook_candidate pagefault_preemptible_tracepoint;

/* The index of a candidate's last program: with fexit and kprobe that at the
 * function's return. One that is the only one has nothing handed to it. */
unsigned pagefault_hooks_last(const struct hook_candidate *hook);

#endif
