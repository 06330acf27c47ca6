/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts completed page faults per file, minor and major apart.
 *
 * The rule is the kernel's own, mm_account_fault() at the end of
 * handle_mm_fault() (5.9, bce617edecad; inlined everywhere): a fault that is to
 * be retried or failed is not counted; one that slept or was tried before is
 * major. Two hooks apply it here; user space loads one of them:
 *   fexit       handle_mm_fault's return, its arguments at hand, and for writes
 *               to shared mappings what goes before
 *   kprobe      the same by a kprobe for the file, a kretprobe for the result
 * Where the kernel allows neither: pagefault_tracepoint.bpf.c. */
#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "pagefault/api.h"
#include "pagefault/counts.bpf.h"
#include "pagefault/inode.bpf.h"
#include "pagefault/path.bpf.h"
#include "pagefault/slots.bpf.h"
#include "pagefault/stash.bpf.h"
#include "pagefault/vma.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* include/linux/mm_types.h, unchanged from 5.10 to 7.3. COMPLETED exists since
 * 6.0 (d92725256b4f); before, the bit is never set. */
#define VM_FAULT_MAJOR 0x000004
#define VM_FAULT_RETRY 0x000400
#define VM_FAULT_ERROR 0x000873
#define VM_FAULT_COMPLETED 0x004000

#define FAULT_FLAG_WRITE 0x01
#define FAULT_FLAG_TRIED 0x20
#define VM_SHARED 0x08

static __always_inline bool fault_is_major(u32 result, bool tried) {
  return tried || (result & VM_FAULT_MAJOR);
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

static __always_inline u32 note_lost(u32 slot) {
  if (slot == PF_SLOT_UNATTRIBUTED)
    __sync_fetch_and_add(&pf_stats.stash_lost, 1);
  return slot;
}

static __always_inline bool is_shared_write(struct vm_area_struct *vma,
                                            u32 flags) {
  return (flags & FAULT_FLAG_WRITE) && (vma->vm_flags & VM_SHARED);
}

/* fexit: the vma is valid at exit unless the fault gave its lock away. Of the
 * faults that count only COMPLETED ones do that (6.0), by what all writes to
 * shared mappings of files end with, fault_dirty_shared_page(). There their
 * slot is stashed; at the entry where the compiler left no such function. */
static __always_inline int fexit_entry(struct vm_area_struct *vma) {
  struct file *file = vma->vm_file;

  if (file)
    stash_put(true, file_slot(true, WALK_AT_ENTRY, file), 0);
  return 0;
}

SEC("fentry/handle_mm_fault")
int BPF_PROG(pf_entry_fentry, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags) {
  return is_shared_write(vma, flags) ? fexit_entry(vma) : 0;
}

SEC("fentry/fault_dirty_shared_page")
int BPF_PROG(pf_dirty_fentry, struct vm_fault *fault) {
  return fexit_entry(fault->vma);
}

static __always_inline void fexit_drop(void) {
  u64 *place;
  u32 ignored;

  stash_look(true, &place, &ignored);
  stash_drop(place);
}

/* Whether the fault counts; with what is stashed of it taken away if not. */
static __always_inline bool fexit_counts(const bool stashed, u32 flags,
                                         u32 result) {
  if (!(result & (VM_FAULT_RETRY | VM_FAULT_ERROR)))
    return true;
  if (stashed && (flags & FAULT_FLAG_WRITE))
    fexit_drop();
  note_uncounted(bpf_get_smp_processor_id(), result);
  return false;
}

static __always_inline u32 fexit_slot(const bool stashed,
                                      struct vm_area_struct *vma, u32 flags) {
  struct file *file = vma->vm_file;
  u32 slot;

  if (!file)
    return anon_slot(true, vma);
  slot = file_slot(true, WALK_AT_EXIT, file);
  if (stashed && is_shared_write(vma, flags))
    fexit_drop();
  return slot;
}

static __always_inline void fexit_count(u32 slot, u32 flags,
                                        struct pt_regs *regs, u32 result) {
  u32 cpu = bpf_get_smp_processor_id();

  if (!regs)
    note_silent(cpu);
  count(cpu, slot, fault_is_major(result, flags & FAULT_FLAG_TRIED));
}

/* The vma is gone. */
static __always_inline void fexit_completed(u32 flags, struct pt_regs *regs,
                                            u32 result) {
  u64 *place;
  u32 ignored, slot = note_lost(stash_look(true, &place, &ignored));

  fexit_count(slot, flags, regs, result);
  stash_drop(place);
}

static __always_inline int fexit_exit(const bool stashed,
                                      struct vm_area_struct *vma, u32 flags,
                                      struct pt_regs *regs, u32 result) {
  if (!fexit_counts(stashed, flags, result))
    return 0;
  if (stashed && (result & VM_FAULT_COMPLETED))
    fexit_completed(flags, regs, result);
  else
    fexit_count(fexit_slot(stashed, vma, flags), flags, regs, result);
  return 0;
}

SEC("fexit/handle_mm_fault")
int BPF_PROG(pf_exit_fexit, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags, struct pt_regs *regs, unsigned int result) {
  return fexit_exit(true, vma, flags, regs, result);
}

/* For kernels without COMPLETED. */
SEC("fexit/handle_mm_fault")
int BPF_PROG(pf_alone_fexit, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags, struct pt_regs *regs, unsigned int result) {
  return fexit_exit(false, vma, flags, regs, result);
}

static __always_inline int kprobe_entry(const bool placed,
                                        struct vm_area_struct *vma, u32 flags) {
  stash_put(placed, vma_slot(false, WALK_AT_ENTRY, vma),
            !!(flags & FAULT_FLAG_TRIED));
  return 0;
}

static __always_inline int kprobe_exit(const bool placed, u32 result) {
  u32 cpu = bpf_get_smp_processor_id(), tried = 0;
  u64 *place;
  u32 slot = stash_look(placed, &place, &tried);

  if (result & (VM_FAULT_RETRY | VM_FAULT_ERROR))
    note_uncounted(cpu, result);
  else
    count(cpu, note_lost(slot), fault_is_major(result, tried));
  stash_drop(place);
  return 0;
}

SEC("kprobe")
int BPF_KPROBE(pf_entry_kprobe, struct vm_area_struct *vma,
               unsigned long address, unsigned int flags) {
  return kprobe_entry(true, vma, flags);
}

SEC("kretprobe")
int BPF_KRETPROBE(pf_exit_kretprobe, unsigned int result) {
  return kprobe_exit(true, result);
}

SEC("kprobe")
int BPF_KPROBE(pf_entry_hash, struct vm_area_struct *vma, unsigned long address,
               unsigned int flags) {
  return kprobe_entry(false, vma, flags);
}

SEC("kretprobe")
int BPF_KRETPROBE(pf_exit_hash, unsigned int result) {
  return kprobe_exit(false, result);
}
