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

/* Of the CPUs 0 to perf_cpus() - 1, as of the last two perf_read(): events per
 * second; and at each how many of them the program runs, 0 while offline. */
unsigned perf_cpus(const struct perf_counter *counter);
double perf_rate(const struct perf_counter *counter, unsigned cpu);
unsigned perf_period(const struct perf_counter *counter, unsigned cpu);
/* 0 or -errno. */
int perf_set_period(struct perf_counter *counter, unsigned cpu,
                    unsigned period);

#endif
