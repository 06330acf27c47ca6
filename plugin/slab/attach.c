// SPDX-License-Identifier: MIT
/* Which programs of the slab object run, and where. */
#include "slab/attach.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

int slab_attach_choose(struct slab_attach *attach, enum settings_hooks wanted,
                       hook_exists *exists, void *ctx) {
  int err = 0;

  for (int i = 0; i < SLAB_HOOK_COUNT; i++) {
    unsigned chosen = hook_choose(&slab_hooks[i], 0, wanted, exists, ctx);

    attach->chosen[i] =
        chosen < slab_hooks[i].count ? &slab_hooks[i].candidates[chosen] : NULL;
    attach->uncounted[i] = attach->chosen[i]
                               ? attach->chosen[i]->in_part
                               : hook_is_present(&slab_hooks[i], exists, ctx);
    if (!attach->chosen[i] && i < SLAB_HOOK_REQUIRED_COUNT)
      err = -EOPNOTSUPP;
  }
  return err;
}

bool slab_attach_uses(const struct slab_attach *attach,
                      enum settings_hooks kind) {
  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    if (attach->chosen[i] && attach->chosen[i]->kind == kind)
      return true;
  return false;
}

bool slab_attach_needs_kfunc(const struct slab_attach *attach) {
  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    for (int j = 0; attach->chosen[i] && j < HOOK_NEEDS_MAX; j++)
      if (attach->chosen[i]->needs[j].kind == HOOK_NEEDS_KFUNC)
        return true;
  return false;
}

static struct bpf_program *find_like(const struct bpf_object *object,
                                     const char *name, const char *prefix) {
  char text[64];

  snprintf(text, sizeof(text), "%s%s", prefix, name + strlen("slab_"));
  return bpf_object__find_program_by_name(object, text);
}

/* A copy of a program, 0 the program itself, or the one that takes its place;
 * NULL when there is none. */
static struct bpf_program *find_copy(const struct slab_attach *attach,
                                     const struct bpf_object *object,
                                     const char *name, unsigned copy) {
  static const char *const prefixes[SLAB_COPIES_MAX] = {"slab_", "again_",
                                                        "third_"};
  static const char *const variants[] = {
      [SLAB_PLAIN] = "plain_", [SLAB_BY_LINES] = "line_"};
  struct bpf_program *program = NULL;

  if (attach->variant != SLAB_FOR_ALL && !copy)
    program = find_like(object, name, variants[attach->variant]);
  if (!program && copy < SLAB_COPIES_MAX)
    program = find_like(object, name, prefixes[copy]);
  return program;
}

/* Where there is one to take its place, the one that is named does not load. */
static void select_first(const struct slab_attach *attach,
                         const struct bpf_object *object, const char *name) {
  bpf_program__set_autoload(find_like(object, name, "slab_"), false);
  bpf_program__set_autoload(find_copy(attach, object, name, 0), true);
}

static void select_copies(const struct slab_attach *attach,
                          const struct bpf_object *object,
                          const struct hook_candidate *candidate,
                          const char *name, unsigned copies) {
  select_first(attach, object, name);
  for (unsigned i = 1; i < copies; i++) {
    struct bpf_program *program = find_copy(attach, object, name, i);

    if (!program)
      return;
    bpf_program__set_autoload(program, true);
    if (candidate->target &&
        bpf_program__type(program) == BPF_PROG_TYPE_TRACING)
      bpf_program__set_attach_target(program, 0, candidate->target);
  }
}

int slab_attach_select(const struct slab_attach *attach,
                       struct bpf_object *object, unsigned copies) {
  for (int i = 0; i < SLAB_HOOK_COUNT; i++) {
    const struct hook_candidate *chosen = attach->chosen[i];
    int err = chosen ? attach_select(object, chosen) : 0;

    if (err)
      return err;
    for (int j = 0; chosen && j < HOOK_PROGRAMS_MAX && chosen->programs[j]; j++)
      select_copies(attach, object, chosen, chosen->programs[j], copies);
  }
  return 0;
}

/* A tracepoint calls programs in the order of their coming, a trampoline those
 * that came last first (bpf_trampoline_link_prog()). */
static unsigned copy_at(unsigned turn, unsigned copies,
                        const struct bpf_program *first) {
  return bpf_program__type(first) == BPF_PROG_TYPE_TRACING ? copies - 1 - turn
                                                           : turn;
}

static int open_copies(struct slab_attach *attach, unsigned index,
                       const char *target, const char *name,
                       struct bpf_object *object, unsigned copies) {
  const struct bpf_program *first = find_copy(attach, object, name, 0);
  int err = 0;

  for (unsigned i = 0; i < copies && !err; i++) {
    unsigned copy = copy_at(i, copies, first);
    struct bpf_program *program = find_copy(attach, object, name, copy);

    if (program)
      err = attach_open(program, target, &attach->attached[copy][index]);
  }
  return err;
}

int slab_attach_open(struct slab_attach *attach, struct bpf_object *object,
                     unsigned copies) {
  unsigned index = 0;

  for (int i = 0; i < SLAB_HOOK_COUNT; i++)
    for (int j = 0; attach->chosen[i] && j < HOOK_PROGRAMS_MAX; j++) {
      const char *name = attach->chosen[i]->programs[j];
      int err = name ? open_copies(attach, index++, attach->chosen[i]->target,
                                   name, object, copies)
                     : 0;

      if (err)
        return err;
    }
  return 0;
}

/* Copies go first: alone they would count every event. */
void slab_attach_close(struct slab_attach *attach) {
  for (int copy = SLAB_COPIES_MAX - 1; copy >= 0; copy--)
    for (int i = 0; i < SLAB_PROGRAMS_MAX; i++)
      attach_close(&attach->attached[copy][i]);
}

uint64_t slab_attach_missed(const struct slab_attach *attach) {
  uint64_t missed = 0;

  for (int i = 0; i < SLAB_PROGRAMS_MAX; i++)
    missed += attach_missed(&attach->attached[0][i]);
  return missed;
}
