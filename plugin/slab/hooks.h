/* SPDX-License-Identifier: MIT */
/* The entry points of the slab allocator, how each is hooked, and the hooks
 * that were chosen. */
#ifndef BPFMEM_SLAB_HOOKS_H
#define BPFMEM_SLAB_HOOKS_H

#include "kernel/attach.h"
#include "kernel/hook.h"
#include "slab/api.h"

#include <stdbool.h>
#include <stdint.h>

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

/* All zero when detached. */
struct slab_choice {
  const struct hook_candidate *chosen[SLAB_HOOK_COUNT];
  bool uncounted[SLAB_HOOK_COUNT]; /* this kernel has it; nothing hooks it */
  struct attachment attached[SLAB_HOOK_COUNT][HOOK_PROGRAMS_MAX];
  uint64_t open_calls; /* calls kept for their returns, as of the last read */
  uint64_t lost_calls; /* calls whose return was missed */
};

/* Fills in `chosen` and `uncounted`. -EOPNOTSUPP when a hook is missing that
 * the probe needs. */
int slab_hooks_choose(struct slab_choice *choice, enum settings_hooks wanted,
                      hook_exists *exists, void *ctx);
bool slab_hooks_use(const struct slab_choice *choice, enum settings_hooks kind);
/* Whether a program of the choice calls the kfunc. */
bool slab_hooks_need_kfunc(const struct slab_choice *choice);

/* Call one before the object is loaded, the other one after. 0 or -errno. */
int slab_hooks_select(const struct slab_choice *choice,
                      struct bpf_object *object);
int slab_hooks_attach(struct slab_choice *choice, struct bpf_object *object);
void slab_hooks_detach(struct slab_choice *choice);

/* The number of events that were missed, as of `stats`. Call it once in each
 * read: a call that is kept in two reads in a row has lost its return, or
 * sleeps for long, which few calls do. It never falls. */
uint64_t slab_hooks_missed(struct slab_choice *choice,
                           const struct slab_stats *stats);

#endif
