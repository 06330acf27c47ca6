/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts completed page faults per file, minor and major apart.
 *
 * The rule is the kernel's own, mm_account_fault() at the end of
 * handle_mm_fault() (5.9, bce617edecad; inlined everywhere): a fault that is to
 * be retried or failed is not counted; one that slept or was tried before is
 * major. Three hooks apply it; user space loads one of them:
 *   fexit       handle_mm_fault's return, its arguments at hand
 *   kprobe      the same by a kprobe for the file, a kretprobe for the result
 *   tracepoint  the perf software events that mm_account_fault() raises; the
 *               file comes from mm_filemap_* tracepoints (6.12, 4da5d0f9a3ab)
 */
#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "inode.bpf.h"
#include "pagefault_api.h"
#include "path.bpf.h"
#include "slots.bpf.h"
#include "stash.bpf.h"
#include "vma.bpf.h"

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

static __always_inline void count(u32 slot, bool major) {
  u32 cpu = bpf_get_smp_processor_id();
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
static __always_inline bool fault_counts(u32 result) {
  u32 index = bpf_get_smp_processor_id();
  struct pf_cpu *cpu;

  if (!(result & (VM_FAULT_RETRY | VM_FAULT_ERROR)))
    return true;
  cpu = bpf_map_lookup_elem(&pf_cpus, &index);
  if (!cpu)
    return false;
  if (result & VM_FAULT_RETRY)
    cpu->retried++;
  else
    cpu->failed++;
  return false;
}

/* Without registers, as get_user_pages() faults, no perf event is raised. */
static __always_inline void note_silent(void) {
  u32 index = bpf_get_smp_processor_id();
  struct pf_cpu *cpu = bpf_map_lookup_elem(&pf_cpus, &index);

  if (cpu)
    cpu->silent++;
}

static __always_inline bool fault_is_major(u32 result, u32 flags) {
  return (result & VM_FAULT_MAJOR) || (flags & FAULT_FLAG_TRIED);
}

static __always_inline void count_stashed(u32 slot, bool major) {
  if (slot == PF_SLOT_UNATTRIBUTED)
    __sync_fetch_and_add(&pf_stats.stash_lost, 1);
  count(slot, major);
}

static __always_inline bool is_shared_write(struct vm_area_struct *vma,
                                            u32 flags) {
  return (flags & FAULT_FLAG_WRITE) && (vma->vm_flags & VM_SHARED);
}

/* fexit: the vma is valid at exit unless the fault gave its lock away. Of the
 * faults that count only COMPLETED ones do that, and only a write to a shared
 * mapping completes so (fault_dirty_shared_page(), 6.0): those are stashed.
 * Here and for kprobes, `direct` where BPF can compare and swap. */
static __always_inline int fexit_entry(const bool direct,
                                       struct vm_area_struct *vma, u32 flags) {
  if (is_shared_write(vma, flags))
    stash_put(direct, vma_slot(true, WALK_AT_ENTRY, vma), flags);
  return 0;
}

static __always_inline int fexit_exit(const bool direct,
                                      struct vm_area_struct *vma, u32 flags,
                                      struct pt_regs *regs, u32 result) {
  bool gone = result & (VM_FAULT_RETRY | VM_FAULT_COMPLETED);
  u32 slot = PF_SLOT_UNATTRIBUTED, entry_flags;

  if (gone ? flags & FAULT_FLAG_WRITE : is_shared_write(vma, flags))
    slot = stash_take(direct, &entry_flags);
  if (!fault_counts(result))
    return 0;
  if (!gone)
    slot = vma_slot(true, WALK_AT_EXIT, vma);
  if (!regs)
    note_silent();
  count_stashed(slot, fault_is_major(result, flags));
  return 0;
}

SEC("fentry/handle_mm_fault")
int BPF_PROG(pf_entry_fentry, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags) {
  return fexit_entry(true, vma, flags);
}

SEC("fexit/handle_mm_fault")
int BPF_PROG(pf_exit_fexit, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags, struct pt_regs *regs, unsigned int result) {
  return fexit_exit(true, vma, flags, regs, result);
}

SEC("fentry/handle_mm_fault")
int BPF_PROG(pf_entry_fhash, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags) {
  return fexit_entry(false, vma, flags);
}

SEC("fexit/handle_mm_fault")
int BPF_PROG(pf_exit_fhash, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags, struct pt_regs *regs, unsigned int result) {
  return fexit_exit(false, vma, flags, regs, result);
}

static __always_inline int kprobe_entry(const bool direct,
                                        struct vm_area_struct *vma, u32 flags) {
  stash_put(direct, vma_slot(false, WALK_AT_ENTRY, vma), flags);
  return 0;
}

static __always_inline int kprobe_exit(const bool direct, u32 result) {
  u32 flags = 0, slot = stash_take(direct, &flags);

  if (fault_counts(result))
    count_stashed(slot, fault_is_major(result, flags));
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

  count(file.slot, major);
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
