/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts faults. */
#ifndef BPFMEM_PAGEFAULT_COUNTS_BPF_H
#define BPFMEM_PAGEFAULT_COUNTS_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

#include "atomic.bpf.h"
#include "pagefault/api.h"
#include "pagefault/files.bpf.h"

const volatile struct pf_config pf_config SEC(PF_CONFIG_SECTION) = {
    .slots_max = PF_SLOT_FILES};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1); /* set before load: CPUs x slots_max */
  __type(key, u32);
  __type(value, struct pf_count);
} pf_counts SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1); /* set before load: CPUs */
  __type(key, u32);
  __type(value, struct pf_cpu);
} pf_cpus SEC(".maps");

/* How a program adds. A plain add is safe if nothing else on the CPU can add to
 * the same field in the middle of it: BPF keeps a program from interrupting
 * itself, and events come with interrupts off. The program for faults without
 * registers adds atomically, as a task that has an event may preempt it. */
enum count_by { COUNT_PLAIN, COUNT_ATOMIC };

#define COUNT_FIELD(by, field, number)                                         \
  do {                                                                         \
    if ((by) == COUNT_ATOMIC)                                                  \
      atomic_add(&(field), number);                                            \
    else                                                                       \
      (field) += (number);                                                     \
  } while (0)

#define COUNT_FAULTS(by, counts, is_major, number)                             \
  do {                                                                         \
    if (is_major)                                                              \
      COUNT_FIELD(by, (counts)->major, number);                                \
    else                                                                       \
      COUNT_FIELD(by, (counts)->minor, number);                                \
  } while (0)

static __always_inline struct pf_cpu *count_cpu(u32 cpu) {
  return bpf_map_lookup_elem(&pf_cpus, &cpu);
}

static __always_inline void count_fixed(const enum count_by by, u32 cpu,
                                        u32 slot, bool major, u64 number) {
  struct pf_cpu *counts = count_cpu(cpu);

  if (!counts) {
    atomic_add(&pf_stats.beyond, number);
    return;
  }
  barrier_var(slot); /* else clang drops the mask that the verifier needs */
  COUNT_FAULTS(by, &counts->fixed[slot % PF_FIXED_PLACES], major, number);
  if (slot == PF_SLOT_OTHER)
    atomic_add(&pf_stats.untracked, number);
}

static __always_inline void count_slot(const enum count_by by, u32 cpu,
                                       u32 slot, bool major, u64 number) {
  u32 index = cpu * pf_config.slots_max + slot;
  struct pf_count *counts;

  if (slot < PF_SLOT_FILES) {
    count_fixed(by, cpu, slot, major, number);
    return;
  }
  counts = bpf_map_lookup_elem(&pf_counts, &index);
  if (counts)
    COUNT_FAULTS(by, counts, major, number);
  else
    atomic_add(&pf_stats.beyond, number);
}

#endif
