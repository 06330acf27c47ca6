/* SPDX-License-Identifier: MIT */
/* The slab probe's BPF object: which of the two, its constants, its tables. */
#ifndef BPFMEM_SLAB_OBJECT_H
#define BPFMEM_SLAB_OBJECT_H

#include "kernel/counters.h"
#include "slab/api.h"

#include <stdbool.h>
#include <stdint.h>

struct bpf_object;

struct slab_object_options {
  bool kfunc;      /* programs that call a kfunc are wanted */
  bool kprobes;    /* programs of kprobes are */
  const char *btf; /* a file for want of the kernel's own BTF, or NULL */
  struct slab_config config;
};

/* Zero is closed. Tables are the object's. */
struct slab_object {
  struct bpf_object *bpf;
  struct counters_table counts, lines, slots, stats;
};

/* Opens with no program selected; select, then load. 0 or -errno; -E2BIG if
 * there are more CPUs than tables can have room for. What is left then is for
 * slab_object_close(). */
int slab_object_open(const struct slab_object_options *options,
                     struct slab_object *ret_object);
/* Loads what was selected, maps the tables, offers every slot. 0 or -errno. */
int slab_object_load(struct slab_object *object);
void slab_object_close(struct slab_object *object);

/* Gives a slot back to the kernel. 0 or -errno. */
int slab_object_release_slot(const struct slab_object *object, uint32_t index);

struct slab_stats slab_object_stats(const struct slab_object *object);

#endif
