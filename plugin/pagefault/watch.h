/* SPDX-License-Identifier: MIT */
/* How many faults were lost while the hook was switched off. */
#ifndef BPFMEM_PAGEFAULT_WATCH_H
#define BPFMEM_PAGEFAULT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* Zero before the start. */
struct pagefault_watch {
  bool off;
  uint64_t raised, counted; /* at the last update */
  int64_t before; /* by how much more the first had grown than the second */
  uint64_t lost;
};

/* Both counts of now: the kernel's of attempts at a fault, and that of those
 * that the programs saw. */
void pagefault_watch_start(struct pagefault_watch *watch, uint64_t raised,
                           uint64_t counted);

/* The same, and whether programs are not called. It came to that, or ended, at
 * some time between two updates: what differs there is lost as well. */
void pagefault_watch_update(struct pagefault_watch *watch, uint64_t raised,
                            uint64_t counted, bool off);

#endif
