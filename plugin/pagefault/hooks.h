/* SPDX-License-Identifier: MIT */
/* How page faults are hooked. */
#ifndef BPFMEM_PAGEFAULT_HOOKS_H
#define BPFMEM_PAGEFAULT_HOOKS_H

#include "kernel/hook.h"

/* Kernel function behind every fault, on every architecture. */
#define PAGEFAULT_FUNCTION "handle_mm_fault"

/* The events to hook: each fault; the start of a fault that may have to wait.
 */
enum pagefault_hook { PAGEFAULT_FAULT, PAGEFAULT_STALL, PAGEFAULT_HOOK_COUNT };

extern const struct hook_event pagefault_hooks[PAGEFAULT_HOOK_COUNT];

/* The programs of PAGEFAULT_FAULT, for a candidate of kind
 * SETTINGS_HOOKS_EVENT. One of kind SETTINGS_HOOKS_FEXIT has only the first. */
enum pagefault_program {
  PAGEFAULT_MINOR,
  PAGEFAULT_MAJOR,
  PAGEFAULT_CHECK,
  PAGEFAULT_SILENT, /* NULL where fexit is refused */
};

#endif
