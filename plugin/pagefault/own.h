/* SPDX-License-Identifier: MIT */
/* The kernel's own count of faults, for comparison with what a hook counted. */
#ifndef BPFMEM_PAGEFAULT_OWN_H
#define BPFMEM_PAGEFAULT_OWN_H

#include "kernel/hook.h"

#include <stdint.h>

struct features;
struct perf_counter;

enum pagefault_own_kind {
  PAGEFAULT_OWN_NONE,
  PAGEFAULT_OWN_VMSTAT, /* pgfault: all, and those that failed */
  PAGEFAULT_OWN_PERF,   /* those that raised a perf event */
};

/* Zero is none. */
struct pagefault_own {
  enum pagefault_own_kind kind;
  struct perf_counter *minor, *major;
};

/* Takes what this kernel has to check a hook of that kind by. Without any,
 * BPF's own count of skipped calls has to do. */
void pagefault_own_open(struct pagefault_own *own, struct features *info,
                        enum settings_hooks hook);
void pagefault_own_close(struct pagefault_own *own);

/* pgfault of /proc/vmstat: all, those that failed, and before 6.4 those that
 * were tried again. */
uint64_t pagefault_own_attempts(void);

uint64_t pagefault_own_read(const struct pagefault_own *own);

#endif
