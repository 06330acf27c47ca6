/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts completed page faults per file, minor and major apart.
 *
 * The rule is the kernel's own: mm_account_fault(), at the end of
 * handle_mm_fault() (5.9, bce617edecad; inlined everywhere). A fault that
 * failed or is to be retried does not count. One that slept or was tried before
 * is major. Two hooks apply the rule:
 *   fexit  the return of handle_mm_fault(). It sees every fault, with its
 *          mapping and its result.
 *   event  the software events that mm_account_fault() raises. They have an
 *          address. Faults without registers, those of get_user_pages(), raise
 *          no event: a program at the return of handle_mm_fault() adds them.
 * This object finds the mapping of an address by plain loads, which take
 * bpf_rdonly_cast() and the kernel's own BTF. pagefault_probe.bpf.c is the same
 * source, and finds it by copies. */
#ifndef PAGEFAULT_BY_COPIES
#define PAGEFAULT_BY_LOADS
#endif
#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "pagefault/api.h"
#include "pagefault/counts.bpf.h"
#include "pagefault/files.bpf.h"
#include "pagefault/mapping.bpf.h"
#include "pagefault/names.bpf.h"
#include "pagefault/stalls.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* include/linux/mm_types.h, unchanged from 5.10 to 7.3. */
#define VM_FAULT_MAJOR 0x000004
#define VM_FAULT_RETRY 0x000400
#define VM_FAULT_ERROR 0x000873

#define FAULT_FLAG_TRIED 0x20

/* Counts a call of handle_mm_fault() that is no fault. RETRY comes first, as in
 * mm_account_fault(). */
static __noinline void note_uncounted(u32 cpu, u32 result) {
  struct pf_cpu *counts = count_cpu(cpu);

  if (!counts)
    atomic_add(&pf_stats.beyond, 1);
  else if (result & VM_FAULT_RETRY)
    atomic_add(&counts->retried, 1);
  else
    atomic_add(&counts->failed, 1);
}

/* Counts a fault without registers, as of get_user_pages(). It raises no perf
 * event. */
static __always_inline void note_silent(u32 cpu, bool major) {
  struct pf_cpu *counts = count_cpu(cpu);

  if (counts)
    COUNT_FAULTS(COUNT_ATOMIC, &counts->silent, major, 1);
}

static __noinline u32 note_unfound(u64 number) {
  atomic_add(&pf_stats.unfound, number);
  return PF_SLOT_UNATTRIBUTED;
}

/* Whether the fault may have given up the lock that keeps its mapping, as a
 * write to a shared mapping of a file may (6.0, d92725256b4f). 5.10 does not
 * have that, nor the helper that is_there() calls. */
static __always_inline bool is_unlocked(u32 result) {
  return bpf_core_enum_value_exists(enum vm_fault_reason, VM_FAULT_COMPLETED) &&
         (result & VM_FAULT_COMPLETED);
}

/* Another thread may have unmapped it since. Then `vma` points to what was a
 * mapping, or to one that took its place. So the mapping is believed only if it
 * has the address and is of this process. */
static __always_inline bool is_there(struct vm_area_struct *vma, u64 address,
                                     struct pt_regs *regs) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();

  return vma->vm_start <= address && address < vma->vm_end &&
         (!regs || vma->vm_mm == task->mm);
}

static __always_inline u32 slot_at_return(const bool known,
                                          struct vm_area_struct *vma,
                                          u64 address, struct pt_regs *regs,
                                          u32 result) {
  if (is_unlocked(result) && !is_there(vma, address, regs))
    return note_unfound(1);
  return mapping_slot(known, NAME_BY_FUNCTION, vma);
}

/* Only waits for files are timed: another function reads memory that was
 * swapped out. */
static __always_inline void note_wait(const bool known, u32 slot,
                                      struct vm_area_struct *vma, u64 address) {
  struct file *file;
  u64 index;

  if (!pf_config.stalls || (slot < PF_SLOT_FILES && slot != PF_SLOT_OTHER))
    return;
  file = FIELD(known, vma, vm_file);
  if (!file)
    return;
  index = ((address - FIELD(known, vma, vm_start)) >> pf_config.page_shift) +
          FIELD(known, vma, vm_pgoff);
  stall_end(slot, FIELD(known, file, f_mapping), index);
}

/* `known` says how to read mappings. It is the same in the programs that run
 * beside this one, so that all of them make the same key of a file. */
static __always_inline int count_return(const bool known,
                                        const enum count_by by,
                                        struct vm_area_struct *vma, u64 address,
                                        u32 flags, struct pt_regs *regs,
                                        u32 result) {
  u32 cpu = bpf_get_smp_processor_id(), slot;
  bool major = (flags & FAULT_FLAG_TRIED) || (result & VM_FAULT_MAJOR);

  if (result & (VM_FAULT_RETRY | VM_FAULT_ERROR)) {
    note_uncounted(cpu, result);
    return 0;
  }
  if (!regs)
    note_silent(cpu, major);
  slot = slot_at_return(known, vma, address, regs, result);
  count_slot(by, cpu, slot, major, 1);
  if (major)
    note_wait(known, slot, vma, address);
  return 0;
}

SEC("fexit/handle_mm_fault")
int BPF_PROG(pf_fexit, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags, struct pt_regs *regs, unsigned int result) {
  return count_return(true, COUNT_PLAIN, vma, address, flags, regs, result);
}

/* Runs beside the hook event: for faults that raise no event, and those that
 * failed. */
SEC("fexit/handle_mm_fault")
int BPF_PROG(pf_silent_fexit, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags, struct pt_regs *regs, unsigned int result) {
  if (regs && !(result & VM_FAULT_ERROR))
    return 0;
  return count_return(MAPPING_KNOWN, COUNT_ATOMIC, vma, address, flags, regs,
                      result);
}

/* The sample period says how many faults the event stands for: 1, or more while
 * attribution is sampled (plugin/kernel/perf.c). */
static __always_inline int count_event(struct bpf_perf_event_data *ctx,
                                       const bool major) {
  u64 number = ctx->sample_period;
  struct vm_area_struct *vma = mapping_find(ctx->addr);
  u32 slot = vma ? mapping_slot(MAPPING_KNOWN, NAME_BY_EVENT, vma)
                 : note_unfound(number);

  count_slot(COUNT_PLAIN, bpf_get_smp_processor_id(), slot, major, number);
  if (major && vma)
    note_wait(MAPPING_KNOWN, slot, vma, ctx->addr);
  return 0;
}

SEC("perf_event")
int pf_minor_event(struct bpf_perf_event_data *ctx) {
  return count_event(ctx, false);
}

SEC("perf_event")
int pf_major_event(struct bpf_perf_event_data *ctx) {
  return count_event(ctx, true);
}

/* The start of a fault that may have to wait. The hook is a tracepoint since
 * 6.12, and the function itself before. */
SEC("raw_tp/mm_filemap_fault")
int pf_start_tracepoint(struct bpf_raw_tracepoint_args *ctx) {
  stall_begin(stall_page(ctx->args[0], ctx->args[1]));
  return 0;
}

SEC("fentry/filemap_fault")
int BPF_PROG(pf_start_fentry, struct vm_fault *vmf) {
  u64 mapping = (u64)BPF_CORE_READ(vmf->vma->vm_file, f_mapping);

  stall_begin(stall_page(mapping, vmf->pgoff));
  return 0;
}

SEC("kprobe/filemap_fault")
int BPF_KPROBE(pf_start_kprobe, struct vm_fault *vmf) {
  stall_begin(stall_page((u64)BPF_CORE_READ(vmf, vma, vm_file, f_mapping),
                         BPF_CORE_READ(vmf, pgoff)));
  return 0;
}

/* Attached to nothing; user space runs it (BPF_PROG_TEST_RUN, 5.10,
 * 1b4d60ec162f). Whether the walk finds, for the address args[0], the mapping
 * that starts at args[1] and ends at args[2]. */
SEC("raw_tp")
int pf_check_mapping(struct bpf_raw_tracepoint_args *ctx) {
  u64 address = ctx->args[0];
  struct vm_area_struct *vma = mapping_find(address);

  return vma && FIELD(MAPPING_KNOWN, vma, vm_start) == ctx->args[1] &&
         FIELD(MAPPING_KNOWN, vma, vm_end) == ctx->args[2];
}
