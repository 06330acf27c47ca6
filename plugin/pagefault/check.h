/* SPDX-License-Identifier: MIT */
/* The kernel's own counts of faults, beside what programs have counted: what
 * the hook cannot see or has missed. */
#ifndef BPFMEM_PAGEFAULT_CHECK_H
#define BPFMEM_PAGEFAULT_CHECK_H

#include "pagefault/api.h"

#include <stdbool.h>
#include <stdint.h>

struct features;
struct log;
struct pagefault_counts;
struct perf_counter;

/* How much further the kernel's count is than that of programs; zero before the
 * start. */
struct pagefault_gap {
  int64_t start;  /* the difference when both began */
  int64_t before; /* that of the last update, less `start` */
  uint64_t sure;
};

void pagefault_gap_start(struct pagefault_gap *gap, uint64_t kernel,
                         uint64_t counted);
/* The kernel's count must have been read first. A fault that the kernel has
 * counted and whose program has not run yet (its task was preempted in between)
 * looks missed until it runs. So what was missed is what looked so in two
 * updates. `sure` never falls. */
void pagefault_gap_update(struct pagefault_gap *gap, uint64_t kernel,
                          uint64_t counted);
/* As if it were found now; what is sure stays. */
void pagefault_gap_ignore(struct pagefault_gap *gap, uint64_t kernel,
                          uint64_t counted);

/* Zero is none. */
struct pagefault_check {
  bool by_vmstat;     /* this kernel's pgfault counts each fault once */
  bool by_attempts;   /* it counts attempts, and so does the hook */
  bool is_off;        /* set by the caller: programs are not called now */
  unsigned suspicion; /* updates to go in which attempts are compared */
  struct perf_counter *minor, *major; /* of the hook event, not owned */
  uint64_t faults;                    /* pgfault, as of the last read */
  struct pf_sum events;               /* that were raised */
  struct pagefault_gap all, gap_minor, gap_major;
  struct pf_sum rest; /* faults that no program has counted; only grows */
};

/* Whether pgfault of this kernel counts each fault once. */
bool pagefault_check_is_exact(struct features *info);

/* Takes what this kernel has; both counters are NULL for the hook fexit. */
void pagefault_check_open(struct pagefault_check *check, bool is_exact,
                          struct perf_counter *minor,
                          struct perf_counter *major, const struct log *log);

/* Reads the kernel's counts. In each read this comes before the programs' are
 * read; at the start after it, so that nothing that comes in between looks
 * missed ever after. */
void pagefault_check_read(struct pagefault_check *check);
void pagefault_check_start(struct pagefault_check *check,
                           const struct pagefault_counts *counts);
/* `pending`: minor faults that a sampled event has yet to stand for. */
void pagefault_check_update(struct pagefault_check *check,
                            const struct pagefault_counts *counts,
                            uint64_t pending);

/* Faults of the rest that the hook should have seen. */
uint64_t pagefault_check_missed(const struct pagefault_check *check);

#endif
