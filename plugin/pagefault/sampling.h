/* SPDX-License-Identifier: MIT */
/* Bounds what the hook event costs: on a CPU with very many faults only each
 * 7th minor one is attributed, and counts for 7. Totals stay the kernel's. */
#ifndef BPFMEM_PAGEFAULT_SAMPLING_H
#define BPFMEM_PAGEFAULT_SAMPLING_H

#include <stdint.h>

struct perf_counter;

/* A prime: programs that fault in turns of 2, 4 or 10 are seen in each turn. */
#define SAMPLING_PERIOD 7

/* Zero is the start. */
struct sampling {
  unsigned cpus; /* that sample now */
};

/* After each perf_read(): sets the period of each CPU by its rate. `above` is
 * in faults per second and CPU; 0: never. */
void sampling_update(struct sampling *sampling, struct perf_counter *minor,
                     unsigned above);

/* Faults that events may have yet to stand for. */
uint64_t sampling_pending(const struct sampling *sampling);

#endif
