/* SPDX-License-Identifier: MIT */
/* The lines in which programs line_* count (bpf/slab/api.h): their counts for
 * each slot, and what makes lines of caches that are gone free again. */
#ifndef BPFMEM_SLAB_LINES_H
#define BPFMEM_SLAB_LINES_H

#include "kernel/counters.h"
#include "slab/api.h"

struct bpf_object;

/* Zero is closed, and without lines. */
struct slab_lines {
  unsigned cpus; /* that have lines: SLAB_LINE_CPUS at most, or 0 for none */
  struct counters_table table;
  struct slab_line *lines;    /* in the table */
  struct slab_count *emptied; /* [slot]: counts of lines that were */
};

/* Once the object is loaded, for the CPUs that `cpus` says. 0 or -errno. */
int slab_lines_open(const struct bpf_object *object, struct slab_lines *lines);
void slab_lines_close(struct slab_lines *lines);

/* Adds each slot's events to sums[slot]. Lines that were left are then free. */
void slab_lines_add(struct slab_lines *lines,
                    struct slab_count sums[SLAB_SLOTS_MAX]);

#endif
