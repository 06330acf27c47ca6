/* SPDX-License-Identifier: MIT */
/* The BPF object of the slab probe: one of two, with its constants and tables.
 */
#ifndef BPFMEM_SLAB_OBJECT_H
#define BPFMEM_SLAB_OBJECT_H

#include "kernel/counters.h"
#include "slab/api.h"

#include <stdint.h>

struct bpf_object;
struct slab_choice;

/* All zero when closed. The tables belong to the object. */
struct slab_object {
  struct bpf_object *bpf;
  struct counters_table counts, lines, slots, stats;
};

struct slab_object_options {
  const struct slab_choice *choice;
  const char *btf; /* a file for want of the kernel's own BTF, or NULL */
  struct slab_config config;
};

/* Loads the chosen programs, maps the tables and offers every slot. 0 or
 * -errno. After a failure call slab_object_close(), too. */
int slab_object_open(const struct slab_object_options *options,
                     struct slab_object *ret_object);
void slab_object_close(struct slab_object *object);

/* Gives a slot back to the kernel. 0 or -errno. */
int slab_object_release_slot(const struct slab_object *object, uint32_t index);

struct slab_stats slab_object_stats(const struct slab_object *object);

#endif
