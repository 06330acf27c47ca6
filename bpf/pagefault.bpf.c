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

/* What the entry of a fault knows and its exit needs; by thread, as a fault may
 * sleep and migrate. Preallocated: a fault never waits for memory. */
struct fault_stash {
  u64 vma;
  u32 slot;
  u32 owner;
  u32 flags;
  u32 pad;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384); /* threads inside a fault at one time */
  __type(key, u32);
  __type(value, struct fault_stash);
} pf_stash SEC(".maps");

/* One writer per CPU and field: BPF keeps a program from interrupting itself,
 * and each hook counts in one program per field. */
static __always_inline void count(u32 slot, bool major) {
  u32 index = bpf_get_smp_processor_id() * pf_config.slots_max + slot;
  struct pf_count *counts = bpf_map_lookup_elem(&pf_counts, &index);

  if (!counts)
    return;
  if (major)
    counts->major++;
  else
    counts->minor++;
  if (slot == PF_SLOT_OTHER)
    __sync_fetch_and_add(&pf_stats.untracked, 1);
}

static __always_inline bool fault_counts(u32 result) {
  return !(result & (VM_FAULT_RETRY | VM_FAULT_ERROR));
}

static __always_inline bool fault_is_major(u32 result, u32 flags) {
  return (result & VM_FAULT_MAJOR) || (flags & FAULT_FLAG_TRIED);
}

static __always_inline u32 slot_owner(u32 index) {
  struct pf_slot *slot = bpf_map_lookup_elem(&pf_slots, &index);

  return slot ? slot->owner : 0;
}

static __always_inline void stash_put(struct vm_area_struct *vma, u32 slot,
                                      u32 flags) {
  u32 thread = (u32)bpf_get_current_pid_tgid();
  struct fault_stash stash = {
      .vma = (u64)vma, .slot = slot, .owner = slot_owner(slot), .flags = flags};

  bpf_map_update_elem(&pf_stash, &thread, &stash, BPF_ANY);
}

/* Takes the thread's stash away. PF_SLOT_UNATTRIBUTED when there is none: its
 * entry was missed, it is of another call (an exit was missed), or its slot has
 * another owner since. A NULL vma is not compared. */
static __always_inline u32 stash_take(struct vm_area_struct *vma, u32 *flags) {
  u32 thread = (u32)bpf_get_current_pid_tgid();
  struct fault_stash *stash = bpf_map_lookup_elem(&pf_stash, &thread);
  u32 slot = PF_SLOT_UNATTRIBUTED;

  if (!stash)
    return slot;
  *flags = stash->flags;
  if (stash->owner == slot_owner(stash->slot) &&
      (!vma || stash->vma == (u64)vma))
    slot = stash->slot;
  bpf_map_delete_elem(&pf_stash, &thread);
  return slot;
}

static __always_inline void count_stashed(u32 slot, bool major) {
  if (slot == PF_SLOT_UNATTRIBUTED)
    __sync_fetch_and_add(&pf_stats.stash_lost, 1);
  count(slot, major);
}

/* fexit: the vma is valid at exit unless the fault gave its lock away, which
 * only COMPLETED does among the faults that count, and only a write to a shared
 * mapping completes so (fault_dirty_shared_page(), 6.0): those are stashed. */
SEC("fentry/handle_mm_fault")
int BPF_PROG(pf_entry_fentry, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags) {
  if ((flags & FAULT_FLAG_WRITE) && (vma->vm_flags & VM_SHARED))
    stash_put(vma, vma_slot(true, WALK_AT_ENTRY, vma), flags);
  return 0;
}

SEC("fexit/handle_mm_fault")
int BPF_PROG(pf_exit_fexit, struct vm_area_struct *vma, unsigned long address,
             unsigned int flags, struct pt_regs *regs, unsigned int result) {
  u32 slot = PF_SLOT_UNATTRIBUTED, entry_flags;

  if (flags & FAULT_FLAG_WRITE)
    slot = stash_take(vma, &entry_flags);
  if (!fault_counts(result))
    return 0;
  if (!(result & VM_FAULT_COMPLETED))
    slot = vma_slot(true, WALK_AT_EXIT, vma);
  count_stashed(slot, fault_is_major(result, flags));
  return 0;
}

SEC("kprobe")
int BPF_KPROBE(pf_entry_kprobe, struct vm_area_struct *vma,
               unsigned long address, unsigned int flags) {
  stash_put(vma, vma_slot(false, WALK_AT_ENTRY, vma), flags);
  return 0;
}

SEC("kretprobe")
int BPF_KRETPROBE(pf_exit_kretprobe, unsigned int result) {
  u32 flags = 0, slot = stash_take(NULL, &flags);

  if (fault_counts(result))
    count_stashed(slot, fault_is_major(result, flags));
  return 0;
}

/* tracepoint: which file the thread's fault is about. `faults` is the thread's
 * own number of faults so far: the perf event of this very fault finds it one
 * higher, that of any later fault does not. */
struct fault_file {
  u32 slot;
  u32 owner;
  u64 faults;
};

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct fault_file);
} pf_task SEC(".maps");

static __always_inline u64 thread_faults(struct task_struct *task) {
  return task->min_flt + task->maj_flt;
}

static __always_inline void remember(struct address_space *mapping) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  struct inode *inode = mapping->host;
  struct super_block *sb = inode->i_sb;
  struct fault_file *file;
  struct pf_key key;

  file = bpf_task_storage_get(&pf_task, task, NULL,
                              BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!file) {
    __sync_fetch_and_add(&pf_stats.stash_lost, 1);
    return;
  }
  inode_key(true, inode, sb, &key);
  file->slot = inode_class(true, inode, sb);
  if (file->slot == PF_SLOT_FILES)
    file->slot = slot_of(&key);
  file->owner = slot_owner(file->slot);
  file->faults = thread_faults(task);
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

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1); /* set before load: CPUs x 2 */
  __type(key, u32);
  __type(value, struct pf_perf);
} pf_perf SEC(".maps");

/* BPF skips a perf event's program, uncounted, when another such program or a
 * kprobe's runs on the CPU: the event's own count tells. */
static __always_inline void note_missed(struct bpf_perf_event_data *ctx,
                                        bool major) {
  u32 index = bpf_get_smp_processor_id() * 2 + major;
  struct pf_perf *perf = bpf_map_lookup_elem(&pf_perf, &index);
  struct bpf_perf_event_value event;

  if (!perf)
    return;
  perf->runs++;
  if (!bpf_perf_prog_read_value(ctx, &event, sizeof(event)))
    perf->missed = event.counter - perf->runs;
}

static __always_inline int perf_count(struct bpf_perf_event_data *ctx,
                                      bool major) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  struct fault_file *file = bpf_task_storage_get(&pf_task, task, NULL, 0);
  struct fault_file found;
  struct pf_slot *slot;

  note_missed(ctx, major);
  if (!file || file->faults + 1 != thread_faults(task)) {
    count(PF_SLOT_UNATTRIBUTED, major);
    return 0;
  }
  found = *file;
  count(found.slot, major);
  slot = bpf_map_lookup_elem(&pf_slots, &found.slot);
  if (slot && found.slot >= PF_SLOT_FILES && !slot->named)
    bpf_find_vma(task, ctx->addr, name_vma, &found, 0);
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
