/* SPDX-License-Identifier: MIT */
/* The slab probe's hooks: chosen, selected, attached, and what they missed. */
#ifndef BPFMEM_SLAB_ATTACH_H
#define BPFMEM_SLAB_ATTACH_H

#include "kernel/attach.h"
#include "slab/api.h"
#include "slab/hooks.h"

#include <stdbool.h>
#include <stdint.h>

#define SLAB_PROGRAMS_MAX (SLAB_HOOK_COUNT * HOOK_PROGRAMS_MAX)

/* What takes the place of a program slab_*, where there is such a one: programs
 * without copies that neither interrupt themselves nor are preempted. */
enum slab_variant {
  SLAB_FOR_ALL,
  SLAB_PLAIN,
  SLAB_BY_LINES /* for SLAB_LINE_CPUS CPUs at most */
};

/* Zero is detached. */
struct slab_attach {
  const struct hook_candidate *chosen[SLAB_HOOK_COUNT];
  bool uncounted[SLAB_HOOK_COUNT]; /* this kernel has it; nothing hooks it */
  enum slab_variant variant;       /* set it before slab_attach_select() */
  /* [0]: the programs; at the same index behind that their copies, if any. */
  struct attachment attached[SLAB_COPIES_MAX][SLAB_PROGRAMS_MAX];
};

/* Fills in `chosen` and `uncounted`. -EOPNOTSUPP when a hook is missing without
 * which there is no probe. */
int slab_attach_choose(struct slab_attach *attach, enum settings_hooks wanted,
                       hook_exists *exists, void *ctx);
bool slab_attach_uses(const struct slab_attach *attach,
                      enum settings_hooks kind);
/* Whether a program of the choice calls the kfunc. */
bool slab_attach_needs_kfunc(const struct slab_attach *attach);

/* Before and after the object is loaded; `copies` of each program that has
 * some. 0 or -errno. */
int slab_attach_select(const struct slab_attach *attach,
                       struct bpf_object *object, unsigned copies);
int slab_attach_open(struct slab_attach *attach, struct bpf_object *object,
                     unsigned copies);
void slab_attach_close(struct slab_attach *attach);

/* Events that BPF skipped; copies may have recovered them. */
uint64_t slab_attach_missed(const struct slab_attach *attach);

#endif
