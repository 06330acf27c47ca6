/* SPDX-License-Identifier: MIT */
/* A software event of perf, counted exactly on every CPU. A BPF program runs at
 * each event, or at each of so many. */
#ifndef BPFMEM_KERNEL_PERF_H
#define BPFMEM_KERNEL_PERF_H

#include <stdint.h>

struct perf_counter;

/* Opens `config` (PERF_COUNT_SW_...) on all CPUs that are online, a descriptor
 * each, and attaches the program `program_fd`. 0 or -errno. */
int perf_open(uint64_t config, int program_fd, struct perf_counter **ret);
void perf_close(struct perf_counter *counter);

/* The number of events so far on all these CPUs; 0 for NULL. Asks each CPU.
 * Also opens the event on CPUs that came online since the last call; what
 * happened there in between is not counted. */
uint64_t perf_read(struct perf_counter *counter);

/* A prime: of programs that fault in turns of 2, 4 or 10, each turn is seen. */
#define PERF_STRIDE 7

/* Call it after each perf_read(). On a CPU with more than `above` events per
 * second the program runs at each 7th event from now on, until there are fewer
 * than half as many. With 0 in `above` it never does. Returns the number of
 * CPUs that sample now. On each of them up to 6 events may still be unknown to
 * the program. */
unsigned perf_sample(struct perf_counter *counter, unsigned above);

#endif
