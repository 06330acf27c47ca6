/* SPDX-License-Identifier: MIT */
/* How many faults a hook missed: the kernel's own count less what the hook
 * counted. */
#ifndef BPFMEM_PAGEFAULT_MISSED_H
#define BPFMEM_PAGEFAULT_MISSED_H

#include <stdint.h>

/* Zero before the start. */
struct pagefault_missed {
  int64_t start;  /* the difference when both counts began */
  int64_t before; /* that of the last update, less `start` */
  uint64_t sure;
};

/* Both counts of now; of the kernel's, `raised`, first. */
void pagefault_missed_start(struct pagefault_missed *missed, uint64_t raised,
                            uint64_t counted);

/* A fault that the kernel has counted and whose program has not run yet (its
 * task was preempted in between) looks missed, until it runs. So what was
 * missed is what looked so in two updates. Never lower than before; returns
 * it. */
uint64_t pagefault_missed_update(struct pagefault_missed *missed,
                                 uint64_t raised, uint64_t counted);

#endif
