/* SPDX-License-Identifier: MIT */
/* The faults of each slot, summed over CPUs, and how long threads waited. */
#ifndef BPFMEM_PAGEFAULT_COUNTS_H
#define BPFMEM_PAGEFAULT_COUNTS_H

#include "pagefault/api.h"

#include <stdint.h>

struct pagefault_object;

/* All zero when closed. Figures are as of the last pagefault_counts_read(). */
struct pagefault_counts {
  unsigned cpus, slots_max;
  struct pf_sum *slots;  /* [slot] */
  uint64_t *stalled;     /* [slot]: ns */
  struct pf_sum counted; /* all that programs have counted, of all slots */
  struct pf_cpu cpu;     /* sums over CPUs of what is in no slot */
  struct pf_count *now;  /* [slot], as the kernel has them: modulo 2^32 */
};

/* 0 or -ENOMEM. After a failure call pagefault_counts_close(), too. */
int pagefault_counts_open(struct pagefault_counts *counts, unsigned cpus,
                          unsigned slots_max);
void pagefault_counts_close(struct pagefault_counts *counts);

void pagefault_counts_read(struct pagefault_counts *counts,
                           const struct pagefault_object *object);

/* Call it after each read. Adds the faults that no program has counted to
 * PF_SLOT_UNATTRIBUTED. */
void pagefault_counts_add_rest(struct pagefault_counts *counts,
                               const struct pf_sum *rest);

#endif
