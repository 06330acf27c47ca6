/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts completed page faults per file, minor and major apart.
 *
 * The rule is the kernel's own, mm_account_fault() at the end of
 * handle_mm_fault() (5.9, bce617edecad; inlined everywhere): a fault that is to
 * be retried or failed is not counted; one that slept or was tried before is
 * major. Three hooks apply it; user space loads one of them:
 *   fexit       handle_mm_fault's return, its arguments at hand, and for writes
 *               to shared mappings what goes before
 *   kprobe      the same by a kprobe for the file, a kretprobe for the result
 *   tracepoint  the perf software events that mm_account_fault() raises; the
 *               file comes from mm_filemap_* tracepoints (6.12, 4da5d0f9a3ab)
 */
#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "counts.bpf.h"
#include "inode.bpf.h"
#include "pagefault_api.h"
#include "path.bpf.h"
#include "slots.bpf.h"
#include "stash.bpf.h"
#include "vma.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define FAULT_FLAG_WRITE 0x01
#define FAULT_FLAG_TRIED 0x20
#define VM_SHARED 0x08

static __always_inline bool fault_is_major(u32 result, u32 flags) {
  return (result & VM_FAULT_MAJOR) || (flags & FAULT_FLAG_TRIED);
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
  u32 slot, owner;

  if (!file)
    return 0;
  slot = file_slot(true, WALK_AT_ENTRY, file, &owner);
  stash_put(true, slot, owner, 0);
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

/* Out of line, as it is rarer: what it keeps in registers costs other faults
 * nothing. */
static __noinline u32 fexit_take(void) {
  u32 ignored;

  return stash_take(true, &ignored);
}

/* Whether the fault counts; with what is stashed of it taken away if not. */
static __always_inline bool fexit_counts(const bool stashed, u32 flags,
                                         u32 result) {
  if (!(result & (VM_FAULT_RETRY | VM_FAULT_ERROR)))
    return true;
  if (stashed && (flags & FAULT_FLAG_WRITE))
    fexit_take();
  note_uncounted(bpf_get_smp_processor_id(), result);
  return false;
}

static __always_inline u32 fexit_slot(const bool stashed,
                                      struct vm_area_struct *vma, u32 flags) {
  struct file *file = vma->vm_file;
  u32 slot, owner;

  if (!file)
    return anon_slot(true, vma);
  slot = file_slot(true, WALK_AT_EXIT, file, &owner);
  if (stashed && is_shared_write(vma, flags))
    fexit_take();
  return slot;
}

static __always_inline int fexit_exit(const bool stashed,
                                      struct vm_area_struct *vma, u32 flags,
                                      struct pt_regs *regs, u32 result) {
  u32 cpu, slot;

  if (!fexit_counts(stashed, flags, result))
    return 0;
  slot = stashed && (result & VM_FAULT_COMPLETED)
             ? note_lost(fexit_take())
             : fexit_slot(stashed, vma, flags);
  cpu = bpf_get_smp_processor_id();
  if (!regs)
    note_silent(cpu);
  count(cpu, slot, fault_is_major(result, flags));
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

static __always_inline int kprobe_entry(const bool direct,
                                        struct vm_area_struct *vma, u32 flags) {
  u32 owner, slot = vma_slot(false, WALK_AT_ENTRY, vma, &owner);

  stash_put(direct, slot, owner, flags);
  return 0;
}

static __always_inline int kprobe_exit(const bool direct, u32 result) {
  u32 cpu = bpf_get_smp_processor_id();
  u32 flags = 0, slot = stash_take(direct, &flags);

  if (result & (VM_FAULT_RETRY | VM_FAULT_ERROR))
    note_uncounted(cpu, result);
  else
    count(cpu, note_lost(slot), fault_is_major(result, flags));
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

/* tracepoint: which file the thread's fault is about. With it goes the thread's
 * number of faults so far: the perf event of this very fault finds it one
 * higher, that of any later fault does not. */
struct fault_file {
  u32 slot;
};

static __always_inline u64 thread_faults(struct task_struct *task) {
  return task->min_flt + task->maj_flt;
}

/* Enough of both to tell a fault from others that this thread may have left
 * here, and an owner from the next. */
static __always_inline u64 fault_tag(u32 thread, u64 faults, u32 owner) {
  return words(thread, (u32)faults << 8 | (owner & 0xff));
}

/* Each word names the thread, so that a place that two threads write at one
 * time is nobody's or one's, never a mixture. */
static __always_inline void remember(struct address_space *mapping) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  u32 thread = task->pid, index;
  struct direct *place = direct_place(thread);
  struct pf_slot *slot;

  if (!place)
    return;
  index = inode_slot(true, mapping->host, &slot);
  if (place->first && place->first >> 32 != thread)
    __sync_fetch_and_add(&pf_stats.stash_lost, 1);
  place->first = words(thread, index);
  place->second =
      fault_tag(thread, thread_faults(task), slot ? slot->owner : 0);
}

/* The slot of the fault that the kernel has just counted for the task; in
 * ret_slot its entry of pf_slots. */
static __always_inline u32 recall(struct task_struct *task,
                                  struct pf_slot **ret_slot) {
  u32 thread = task->pid, index;
  struct direct *place = direct_place(thread);
  u64 first, second;

  *ret_slot = NULL;
  if (!place)
    return PF_SLOT_UNATTRIBUTED;
  first = place->first;
  if (first >> 32 != thread)
    return PF_SLOT_UNATTRIBUTED;
  second = place->second;
  place->first = 0;
  index = (u32)first;
  *ret_slot = slot_at(index);
  return *ret_slot && second == fault_tag(thread, thread_faults(task) - 1,
                                          (*ret_slot)->owner)
             ? index
             : PF_SLOT_UNATTRIBUTED;
}

SEC("tp_btf/mm_filemap_map_pages")
int BPF_PROG(pf_map_tp, struct address_space *mapping) {
  remember(mapping);
  return 0;
}

SEC("tp_btf/mm_filemap_fault")
int BPF_PROG(pf_fault_tp, struct address_space *mapping) {
  remember(mapping);
  return 0;
}

/* The tracepoints give no path: the vma does, looked up once per file. */
static long name_vma(struct task_struct *task, struct vm_area_struct *vma,
                     struct fault_file *file) {
  struct file *mapped = BPF_CORE_READ(vma, vm_file);
  struct pf_slot *slot = bpf_map_lookup_elem(&pf_slots, &file->slot);

  if (slot && mapped &&
      BPF_CORE_READ(mapped, f_mapping, host, i_ino) == slot->key.ino)
    name_file(WALK_AT_EXIT, file->slot, slot, mapped);
  return 0;
}

static __always_inline int perf_count(struct bpf_perf_event_data *ctx,
                                      bool major) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  struct pf_slot *slot;
  struct fault_file file = {.slot = recall(task, &slot)};

  count(bpf_get_smp_processor_id(), file.slot, major);
  if (file.slot >= PF_SLOT_FILES && slot && !slot->named)
    bpf_find_vma(task, ctx->addr, name_vma, &file, 0);
  return 0;
}

SEC("perf_event")
int pf_minor_perf(struct bpf_perf_event_data *ctx) {
  return perf_count(ctx, false);
}

SEC("perf_event")
int pf_major_perf(struct bpf_perf_event_data *ctx) {
  return perf_count(ctx, true);
}
