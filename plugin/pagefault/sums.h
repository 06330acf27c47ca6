/* SPDX-License-Identifier: MIT */
/* The faults of each slot, summed over CPUs from all tables that have them. */
#ifndef BPFMEM_PAGEFAULT_SUMS_H
#define BPFMEM_PAGEFAULT_SUMS_H

#include "pagefault/api.h"

#include <stdbool.h>

struct pagefault_object;

/* Zero is closed. What is read is as of the last pagefault_sums_read(). */
struct pagefault_sums {
  unsigned cpus, slots_max;
  struct pf_sum *slots; /* [slot] */
  struct pf_sum total;
  struct pf_cpu cpu; /* what is no fault of a slot, of all CPUs */
  struct pf_sum fixed[PF_SLOT_FILES];
  struct pf_count *looks[2]; /* [1]: where faults may be taken back */
};

/* `taken_back`: faults are counted before they end. 0 or -ENOMEM; what is left
 * then is for pagefault_sums_close(). */
int pagefault_sums_open(struct pagefault_sums *sums, unsigned cpus,
                        unsigned slots_max, bool taken_back);
void pagefault_sums_close(struct pagefault_sums *sums);

void pagefault_sums_read(struct pagefault_sums *sums,
                         const struct pagefault_object *object);

/* After each read: all faults that there were before it began. Those that are
 * in no slot are unattributed. */
void pagefault_sums_add_rest(struct pagefault_sums *sums,
                             const struct pf_sum *all);

#endif
