/* SPDX-License-Identifier: MIT */
/* A software event of perf, counted exactly on every CPU, alone or with a BPF
 * program that runs at each event. */
#ifndef BPFMEM_KERNEL_PERF_H
#define BPFMEM_KERNEL_PERF_H

#include <stdint.h>

struct bpf_program;
struct perf_counter;

/* Opens `config` (PERF_COUNT_SW_...) on all CPUs that are online and attaches
 * the program, which must be loaded and outlive this; NULL: none. 0 or -errno.
 */
int perf_open(uint64_t config, struct bpf_program *program,
              struct perf_counter **ret_count);
void perf_close(struct perf_counter *count);

/* Events so far on all these CPUs; 0 for NULL. Asks each CPU. Opens the event
 * on CPUs that came online since the last time: what happened there in between
 * is not counted. */
uint64_t perf_read(struct perf_counter *count);

#endif
