// SPDX-License-Identifier: MIT
/* The least that counts, attached. */
#include "micro.h"

#include "kernel/attach.h"
#include "least.skel.h"
#include "least_fexit.skel.h"

#include <errno.h>
#include <stdlib.h>

struct least {
  struct bpf_object *object;
  struct attachment attached[HOOK_PROGRAMS_MAX];
};

static const struct hook_candidate hooks[] = {
    [LEAST_SLAB] = {.programs = {"least_alloc", "least_free", "least_kmalloc",
                                 "least_kfree"}},
    [LEAST_FAULT_FEXIT] = {.programs = {"least_fexit"}},
};

static struct bpf_object *open_object(enum least_set set) {
  size_t size;
  const void *bytes = set == LEAST_FAULT_FEXIT
                          ? least_fexit_bpf__elf_bytes(&size)
                          : least_bpf__elf_bytes(&size);

  return bpf_object__open_mem(bytes, size, NULL);
}

static int load(struct least *least, const struct hook_candidate *hook) {
  int err;

  attach_select_none(least->object);
  err = attach_select(least->object, hook);
  return err ? err : bpf_object__load(least->object);
}

static int attach(struct least *least, const struct hook_candidate *hook) {
  int err = 0;

  for (int i = 0; i < HOOK_PROGRAMS_MAX && hook->programs[i] && !err; i++)
    err = attach_open(
        bpf_object__find_program_by_name(least->object, hook->programs[i]),
        NULL, &least->attached[i]);
  return err;
}

void least_open(enum least_set set, struct least **ret_least) {
  struct least *least = calloc(1, sizeof(*least));
  int err = 0;

  if (least)
    least->object = open_object(set);
  if (!least || !least->object)
    err = -errno;
  if (!err)
    err = load(least, &hooks[set]);
  if (!err)
    err = attach(least, &hooks[set]);
  if (err)
    bench_die("the least that counts", err);
  *ret_least = least;
}

void least_close(struct least *least) {
  if (!least)
    return;
  for (int i = 0; i < HOOK_PROGRAMS_MAX; i++)
    attach_close(&least->attached[i]);
  bpf_object__close(least->object);
  free(least);
}
