/* SPDX-License-Identifier: MIT */
/* What the benchmark compares, and what it repeats. */
#ifndef BPFMEM_BENCH_H
#define BPFMEM_BENCH_H

#include <stddef.h>

/* Empty programs at the hooks that a probe uses natively: the least that any
 * BPF counter can cost there. */
struct empty;

enum empty_set { EMPTY_FAULT_TRACEPOINTS, EMPTY_SLAB_TRACEPOINTS };

/* 0 or -errno. */
int empty_open(enum empty_set set, struct empty **ret_empty);
void empty_close(struct empty *empty);

/* Something done many times; `run` returns nanoseconds per operation. */
struct work {
  const char *name;
  double (*run)(void);
};

extern const struct work work_stat, work_open_close, work_read_fault,
    work_write_fault, work_anon_fault;

#endif
