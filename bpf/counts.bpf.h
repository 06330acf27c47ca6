/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts faults, and what handle_mm_fault() did that is none. */
#ifndef BPFMEM_COUNTS_BPF_H
#define BPFMEM_COUNTS_BPF_H

#include "pagefault_api.h"
#include "vma.bpf.h"

/* include/linux/mm_types.h, unchanged from 5.10 to 7.3. COMPLETED exists since
 * 6.0 (d92725256b4f); before, the bit is never set. */
#define VM_FAULT_MAJOR 0x000004
#define VM_FAULT_RETRY 0x000400
#define VM_FAULT_ERROR 0x000873
#define VM_FAULT_COMPLETED 0x004000

const volatile struct pf_config pf_config = {.slots_max = PF_SLOT_FILES};

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

/* One writer per CPU and field: BPF keeps a program from interrupting itself,
 * and each hook counts in one program per field. */
#define COUNT(counts, is_major)                                                \
  do {                                                                         \
    if (is_major)                                                              \
      (counts)->major++;                                                       \
    else                                                                       \
      (counts)->minor++;                                                       \
  } while (0)

static __always_inline void count_fixed(u32 cpu, u32 slot, bool major) {
  struct pf_cpu *counts = bpf_map_lookup_elem(&pf_cpus, &cpu);

  if (!counts)
    return;
  barrier_var(slot); /* or clang leaves out what the verifier wants to see */
  COUNT(&counts->fixed[slot % PF_SLOT_FILES], major);
  if (slot == PF_SLOT_OTHER)
    __sync_fetch_and_add(&pf_stats.untracked, 1);
}

static __always_inline void count(u32 cpu, u32 slot, bool major) {
  u32 index = cpu * pf_config.slots_max + slot;
  struct pf_count *counts;

  if (slot < PF_SLOT_FILES) {
    count_fixed(cpu, slot, major);
    return;
  }
  counts = bpf_map_lookup_elem(&pf_counts, &index);
  if (counts)
    COUNT(counts, major);
}

/* What handle_mm_fault() did that is no fault of any file. RETRY comes first,
 * as in mm_account_fault(). */
static __noinline void note_uncounted(u32 cpu, u32 result) {
  struct pf_cpu *counts = bpf_map_lookup_elem(&pf_cpus, &cpu);

  if (!counts)
    return;
  if (result & VM_FAULT_RETRY)
    counts->retried++;
  else
    counts->failed++;
}

/* Without registers, as get_user_pages() faults, no perf event is raised. */
static __always_inline void note_silent(u32 cpu) {
  struct pf_cpu *counts = bpf_map_lookup_elem(&pf_cpus, &cpu);

  if (counts)
    counts->silent++;
}

#endif
