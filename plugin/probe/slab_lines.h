/* SPDX-License-Identifier: MIT */
/* The lines in which programs line_* count (slab_api.h): their counts for each
 * slot, and what makes lines of caches that are gone free again. */
#ifndef BPFMEM_SLAB_LINES_H
#define BPFMEM_SLAB_LINES_H

#include "slab_api.h"

#include <stddef.h>

struct bpf_map;

/* Zero is closed: without lines. */
struct slab_lines {
  struct slab_line *lines; /* at some place in what is mapped */
  void *mapped;
  size_t size;
  unsigned cpus;
  struct slab_count *emptied; /* [slot]: counts of lines that were */
};

/* They begin `offset` bytes into the value of the only element of an array with
 * BPF_F_MMAPABLE, loaded; SLAB_LINE_CPUS at most. 0 or -errno. */
int slab_lines_open(const struct bpf_map *map, size_t offset, unsigned cpus,
                    struct slab_lines *ret_lines);
void slab_lines_close(struct slab_lines *lines);

/* Adds each slot's events to sums[slot]. Lines that were left are then free. */
void slab_lines_add(struct slab_lines *lines,
                    struct slab_count sums[SLAB_SLOTS_MAX]);

#endif
