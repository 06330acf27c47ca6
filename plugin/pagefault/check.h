/* SPDX-License-Identifier: MIT */
/* Compares the kernel's own counts of faults with those of programs. The
 * difference is what the hook cannot see or has missed. */
#ifndef BPFMEM_PAGEFAULT_CHECK_H
#define BPFMEM_PAGEFAULT_CHECK_H

#include "pagefault/api.h"

#include <stdbool.h>
#include <stdint.h>

struct features;
struct log;
struct pagefault_counts;
struct perf_counter;

/* How far the kernel's count is ahead of that of programs. All zero before the
 * start. */
struct pagefault_gap {
  int64_t start;  /* the difference at the start */
  int64_t before; /* the difference at the last update, less `start` */
  uint64_t sure;
};

void pagefault_gap_start(struct pagefault_gap *gap, uint64_t kernel,
                         uint64_t counted);
/* The kernel's count must be read before the programs'. A fault that the kernel
 * has counted and whose program has not run yet (its task was preempted in
 * between) looks missed until the program runs. So faults are missed only if
 * they look so in two updates. `sure` never falls. */
void pagefault_gap_update(struct pagefault_gap *gap, uint64_t kernel,
                          uint64_t counted);

/* All zero: the kernel has no count to compare. */
struct pagefault_check {
  bool by_vmstat;     /* this kernel's pgfault counts each fault once */
  bool by_attempts;   /* pgfault counts attempts, and so does the hook */
  bool is_off;        /* set by the caller: programs are not called now */
  unsigned suspicion; /* attempts are compared in so many more updates */
  struct perf_counter *minor, *major; /* of the hook event, not owned */
  uint64_t faults;                    /* pgfault, as of the last read */
  struct pf_sum events;               /* events that were raised */
  struct pagefault_gap all, gap_minor, gap_major;
  struct pf_sum rest; /* faults that no program has counted; only grows */
};

/* Whether this kernel's pgfault counts each fault once. */
bool pagefault_check_is_exact(struct features *info);

/* Finds out which counts this kernel has. Both counters are NULL for the hook
 * fexit. */
void pagefault_check_open(struct pagefault_check *check, bool is_exact,
                          struct perf_counter *minor,
                          struct perf_counter *major, const struct log *log);

/* Reads the kernel's counts. In each read, call it before the programs' counts
 * are read; at the start, call it after. Then no fault in between looks missed
 * for ever. */
void pagefault_check_read(struct pagefault_check *check);
void pagefault_check_start(struct pagefault_check *check,
                           const struct pagefault_counts *counts);
/* `pending`: minor faults that sampled events have yet to count. */
void pagefault_check_update(struct pagefault_check *check,
                            const struct pagefault_counts *counts,
                            uint64_t pending);

/* Faults that no program has counted and that the hook should have seen. */
uint64_t pagefault_check_missed(const struct pagefault_check *check);

#endif
