/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts the minor faults of a file in a line of this CPU that has the file's
 * key, too: one lookup, one cache line and one page where the table of slots
 * and that of counters are two each, which a processor that has just flushed
 * its TLB has to walk to. In .bss, as that is the memory that a program
 * addresses without a lookup.
 *
 * The first file that comes has the line until it has a read without a fault.
 * Lines are for programs pf_*_tp, which run on the first CPUs alone, and which
 * nothing interrupts or moves (plugin/pagefault/hook.c). */
#ifndef BPFMEM_PAGEFAULT_LINES_BPF_H
#define BPFMEM_PAGEFAULT_LINES_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

#include "pagefault/counts.bpf.h"
#include "pagefault/slots.bpf.h"

struct pf_line pf_lines[PF_LINE_CPUS * PF_LINES] __attribute__((aligned(64)));

/* To the verifier what "+" makes of two variables has bounds only if clang does
 * not make "|" of it. */
static __always_inline struct pf_line *line_of(u32 cpu,
                                               const struct pf_key *key) {
  u64 first = (u64)(cpu % PF_LINE_CPUS) << PF_LINE_BITS;

  barrier_var(first);
  return &pf_lines[first + hash_bits(key->ino ^ key->dev, PF_LINE_BITS)];
}

/* For a file without a line; there may be none for it. */
static __always_inline void line_take(u32 cpu, const struct pf_key *key,
                                      u32 slot, u8 owner) {
  struct pf_line *line = line_of(cpu, key);

  if (line->holder)
    return;
  line->key = *key;
  __sync_lock_test_and_set(&line->holder, /* after the key */
                           (u64)owner << PF_LINE_OWNER_SHIFT | slot);
}

#endif
