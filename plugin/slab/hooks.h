/* SPDX-License-Identifier: MIT */
/* The entry points of the slab allocator and how each is hooked. */
#ifndef BPFMEM_SLAB_HOOKS_H
#define BPFMEM_SLAB_HOOKS_H

#include "kernel/hook.h"

enum slab_hook {
  SLAB_HOOK_ALLOC,
  SLAB_HOOK_FREE,
  SLAB_HOOK_REQUIRED_COUNT, /* without these there is no probe */
  SLAB_HOOK_KMALLOC = SLAB_HOOK_REQUIRED_COUNT,
  SLAB_HOOK_BULK_ALLOC,
  SLAB_HOOK_BULK_FREE,
  SLAB_HOOK_RCU_SHEAF,
  SLAB_HOOK_NOLOCK_ALLOC,
  SLAB_HOOK_NOLOCK_FREE,
  SLAB_HOOK_COUNT
};

extern const struct hook_event slab_hooks[SLAB_HOOK_COUNT];

#endif
