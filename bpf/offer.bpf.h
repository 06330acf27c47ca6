/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Offers free slots to a queue, by a program that user space runs: see
 * plugin/kernel/run.h for why not by bpf(2). A second collectd that started by
 * bpf(2) hid some 200 faults from the first. */
#ifndef BPFMEM_OFFER_BPF_H
#define BPFMEM_OFFER_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

/* The most slots of one run: the verifier follows each turn of the loop. */
#define OFFER_MAX 1024

/* Offers the slots from range[0] to below range[1]. Returns the next to offer.
 */
static __always_inline u32 offer_slots(void *queue, const u64 *range) {
  u32 slot = range[0], end = range[1];

  for (u32 i = 0; i < OFFER_MAX && slot < end; i++, slot++)
    if (bpf_map_push_elem(queue, &slot, BPF_ANY))
      break;
  return slot;
}

#endif
