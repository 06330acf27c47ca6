// SPDX-License-Identifier: MIT
/* The least that counts, attached. */
#include "micro.h"

#include "least.skel.h"
#include "least_fexit.skel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAMS_MAX 4

struct least {
  struct bpf_object *object;
  struct bpf_link *links[PROGRAMS_MAX];
};

static const char *const programs_of[][PROGRAMS_MAX] = {
    [LEAST_SLAB] = {"least_alloc", "least_free", "least_kmalloc",
                    "least_kfree"},
    [LEAST_FAULT_TRACEPOINTS] = {"least_map", "least_fault"},
    [LEAST_FAULT_FEXIT] = {"least_dirty", "least_fexit"},
};

static struct bpf_object *open_object(enum least_set set) {
  size_t size;
  const void *bytes = set == LEAST_FAULT_FEXIT
                          ? least_fexit_bpf__elf_bytes(&size)
                          : least_bpf__elf_bytes(&size);

  return bpf_object__open_mem(bytes, size, NULL);
}

static struct bpf_program *find_program(const struct least *least,
                                        enum least_set set, unsigned i) {
  const char *name = i < PROGRAMS_MAX ? programs_of[set][i] : NULL;

  return name ? bpf_object__find_program_by_name(least->object, name) : NULL;
}

static int load(struct least *least, enum least_set set) {
  struct bpf_program *program;

  bpf_object__for_each_program(program, least->object)
      bpf_program__set_autoload(program, false);
  for (unsigned i = 0; (program = find_program(least, set, i)); i++)
    bpf_program__set_autoload(program, true);
  return bpf_object__load(least->object);
}

static int attach(struct least *least, enum least_set set) {
  struct bpf_program *program;

  for (unsigned i = 0; (program = find_program(least, set, i)); i++) {
    least->links[i] = bpf_program__attach(program);
    if (!least->links[i])
      return -errno;
  }
  return 0;
}

void least_open(enum least_set set, struct least **ret_least) {
  struct least *least = calloc(1, sizeof(*least));
  int err = 0;

  if (least)
    least->object = open_object(set);
  if (!least || !least->object)
    err = -errno;
  if (!err)
    err = load(least, set);
  if (!err)
    err = attach(least, set);
  if (err)
    bench_die("the least that counts", err);
  *ret_least = least;
}

void least_close(struct least *least) {
  if (!least)
    return;
  for (unsigned i = 0; i < PROGRAMS_MAX; i++)
    bpf_link__destroy(least->links[i]);
  bpf_object__close(least->object);
  free(least);
}
