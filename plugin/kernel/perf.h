/* SPDX-License-Identifier: MIT */
/* A software event of perf, counted exactly on every CPU, with a BPF program
 * that runs at each event, or at each of so many. */
#ifndef BPFMEM_KERNEL_PERF_H
#define BPFMEM_KERNEL_PERF_H

#include <stdint.h>

struct perf_counter;

/* Opens `config` (PERF_COUNT_SW_...) on all CPUs that are online, a descriptor
 * each, and attaches the program `program_fd`. 0 or -errno. */
int perf_open(uint64_t config, int program_fd, struct perf_counter **ret);
void perf_close(struct perf_counter *counter);

/* Events so far on all these CPUs; 0 for NULL. Asks each CPU. Opens the event
 * on CPUs that came online since the last time: what happened there in between
 * is not counted. */
uint64_t perf_read(struct perf_counter *counter);

/* A prime: programs that fault in turns of 2, 4 or 10 are seen in each turn. */
#define PERF_STRIDE 7

/* After each perf_read(): on a CPU with more than `above` events per second, 0:
 * never, the program runs at each 7th event from now on, until there are less
 * than half as many. Returns how many CPUs sample now: each may have 6 events
 * that the program has yet to be told of. */
unsigned perf_sample(struct perf_counter *counter, unsigned above);

#endif
