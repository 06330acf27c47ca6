/* SPDX-License-Identifier: MIT */
/* The lines in which programs at tracepoints count minor faults
 * (bpf/pagefault/api.h): their counts for each slot, and what makes lines of
 * idle files free again. */
#ifndef BPFMEM_PAGEFAULT_LINES_H
#define BPFMEM_PAGEFAULT_LINES_H

#include "kernel/counters.h"
#include "pagefault/api.h"

struct bpf_object;

/* Zero is closed, and without lines. */
struct pagefault_lines {
  unsigned count, slots_max;
  struct counters_table table;
  struct pf_line *lines; /* in the table */
  uint32_t *emptied;     /* [slot]: counts of lines that were */
};

/* Once the object is loaded; one of a hook without lines, or for more CPUs than
 * PF_LINE_CPUS, leaves them closed. 0 or -errno; what is left then is for
 * pagefault_lines_close(). */
int pagefault_lines_open(const struct bpf_object *object, unsigned cpus,
                         unsigned slots_max, struct pagefault_lines *lines);
void pagefault_lines_close(struct pagefault_lines *lines);

/* Each read begins with this: lines without a fault since the last read are
 * closed, and those that were closed before are free. */
void pagefault_lines_turn(struct pagefault_lines *lines);

/* Adds minor faults to those of counts[slot]. */
void pagefault_lines_add(const struct pagefault_lines *lines,
                         struct pf_count *counts);

/* Nothing that a fault does from now on counts in this line. */
static inline void pagefault_line_close(struct pf_line *line) {
  __atomic_store_n(&line->key.dev, 0, __ATOMIC_RELAXED);
}

#endif
