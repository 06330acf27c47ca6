/* SPDX-License-Identifier: MIT */
/* The faults of each slot, summed over CPUs, and how long threads waited. */
#ifndef BPFMEM_PAGEFAULT_COUNTS_H
#define BPFMEM_PAGEFAULT_COUNTS_H

#include "pagefault/api.h"

#include <stdint.h>

struct pagefault_object;

/* Zero is closed. What is read is as of the last pagefault_counts_read(). */
struct pagefault_counts {
  unsigned cpus, slots_max;
  struct pf_sum *slots;  /* [slot] */
  uint64_t *stalled;     /* [slot]: ns */
  struct pf_sum counted; /* all that programs have counted, of all slots */
  struct pf_cpu cpu;     /* what is no fault of a slot, of all CPUs */
  struct pf_count *now;  /* [slot], as the kernel has them: modulo 2^32 */
};

/* 0 or -ENOMEM; what is left then is for pagefault_counts_close(). */
int pagefault_counts_open(struct pagefault_counts *counts, unsigned cpus,
                          unsigned slots_max);
void pagefault_counts_close(struct pagefault_counts *counts);

void pagefault_counts_read(struct pagefault_counts *counts,
                           const struct pagefault_object *object);

/* After each read: adds faults that no program has counted to those that are
 * unattributed. */
void pagefault_counts_add_rest(struct pagefault_counts *counts,
                               const struct pf_sum *rest);

#endif
