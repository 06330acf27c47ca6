/* SPDX-License-Identifier: MIT */
/* Bounds what the hook event costs: on a CPU with very many faults only each
 * 7th minor one is attributed, and counts for 7. Totals stay the kernel's. */
#ifndef BPFMEM_PAGEFAULT_SAMPLING_H
#define BPFMEM_PAGEFAULT_SAMPLING_H

struct perf_counter;

/* A prime: programs that fault in turns of 2, 4 or 10 are seen in each turn. */
#define SAMPLING_PERIOD 7

/* After each perf_read(): sets the period of each CPU by its rate. `above` is
 * in faults per second and CPU; 0: never. Returns how many CPUs sample now:
 * each may have SAMPLING_PERIOD - 1 faults for which no event stands yet. */
unsigned sampling_update(struct perf_counter *minor, unsigned above);

#endif
