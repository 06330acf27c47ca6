/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Offers free slots before any other program runs, by a program that user space
 * runs once (plugin/kernel/fill.c).
 *
 * A call of bpf(2) for each slot would lose faults: while a task is preempted
 * in it, during the update of a map, the kernel runs no program at perf events,
 * kprobes and classic tracepoints of that CPU, whoever owns the program
 * (bpf_prog_active, 5.10 to 7.3). A second collectd that started that way hid
 * some 200 faults from the first. */
#ifndef BPFMEM_FILL_BPF_H
#define BPFMEM_FILL_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

/* The most slots of one run: the verifier follows each turn of the loop. */
#define FILL_MAX 1024

/* Offers the slots from range[0] to below range[1]. Returns the next to offer.
 */
static __always_inline u32 fill_queue(void *queue, const u64 *range) {
  u32 slot = range[0], end = range[1];

  for (u32 i = 0; i < FILL_MAX && slot < end; i++, slot++)
    if (bpf_map_push_elem(queue, &slot, BPF_ANY))
      break;
  return slot;
}

#endif
