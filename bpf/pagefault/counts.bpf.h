/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts faults. */
#ifndef BPFMEM_PAGEFAULT_COUNTS_BPF_H
#define BPFMEM_PAGEFAULT_COUNTS_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

#include "pagefault/api.h"
#include "pagefault/vma.bpf.h"

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

/* One writer at a time per CPU and field: BPF keeps a program from interrupting
 * itself, and where one hook counts a field in two programs they are not
 * preempted. */
#define COUNT(counts, is_major, by)                                            \
  do {                                                                         \
    if (is_major)                                                              \
      (counts)->major += (by);                                                 \
    else                                                                       \
      (counts)->minor += (by);                                                 \
  } while (0)

static __always_inline void count_fixed(u32 cpu, u32 slot, bool major,
                                        const int by) {
  struct pf_cpu *counts = bpf_map_lookup_elem(&pf_cpus, &cpu);

  if (!counts)
    return;
  barrier_var(slot); /* or clang leaves out what the verifier wants to see */
  COUNT(&counts->fixed[slot % PF_SLOT_FILES], major, by);
  if (slot == PF_SLOT_OTHER)
    __sync_fetch_and_add(&pf_stats.untracked, by);
}

/* `by` is 1, or -1 for what was counted too early. */
static __always_inline void count_by(u32 cpu, u32 slot, bool major,
                                     const int by) {
  u32 index = cpu * pf_config.slots_max + slot;
  struct pf_count *counts;

  if (slot < PF_SLOT_FILES) {
    count_fixed(cpu, slot, major, by);
    return;
  }
  counts = bpf_map_lookup_elem(&pf_counts, &index);
  if (counts)
    COUNT(counts, major, by);
}

static __always_inline void count(u32 cpu, u32 slot, bool major) {
  count_by(cpu, slot, major, 1);
}

/* Where the slot is known to be a file's. Not a part of count_by(), which takes
 * 14 instructions more when it is made of two functions (clang 14). */
static __always_inline void count_minor(u32 cpu, u32 file_slot) {
  u32 index = cpu * pf_config.slots_max + file_slot;
  struct pf_count *counts = bpf_map_lookup_elem(&pf_counts, &index);

  if (counts)
    counts->minor++;
}

#endif
