/* SPDX-License-Identifier: MIT */
/* A software event of perf, counted exactly on every CPU, alone or with a BPF
 * program that runs at each event. */
#ifndef BPFMEM_PERFCOUNT_H
#define BPFMEM_PERFCOUNT_H

#include <stdint.h>

struct bpf_program;
struct perfcount;

/* Opens `config` (PERF_COUNT_SW_...) on all CPUs that are online and attaches
 * the program, which must be loaded and outlive this; NULL: none. 0 or -errno.
 */
int perfcount_open(uint64_t config, struct bpf_program *program,
                   struct perfcount **ret_count);
void perfcount_close(struct perfcount *count);

/* Events so far on all these CPUs; 0 for NULL. Asks each CPU. Opens the event
 * on CPUs that came online since the last time: what happened there in between
 * is not counted. */
uint64_t perfcount_read(struct perfcount *count);

#endif
