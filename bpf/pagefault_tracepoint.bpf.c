/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts page faults per file where neither fexit nor kprobes are allowed.
 *
 * The page cache says of each file fault that it maps what it has around the
 * page (mm_filemap_map_pages), or that it looks for the page itself
 * (mm_filemap_fault; both 6.12, 4da5d0f9a3ab), or one after the other. Neither
 * knows how the fault will end. It is counted as minor there and then if the
 * page can be had without waiting. If not, or if it is major all the same, the
 * software event that mm_account_fault() raises for major faults says so.
 *
 * Faults of which no file is known cost nothing: user space takes them from the
 * kernel's own counts. */
#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "counts.bpf.h"
#include "inode.bpf.h"
#include "pagecache.bpf.h"
#include "pagefault_api.h"
#include "place.bpf.h"
#include "preempt.bpf.h"
#include "slots.bpf.h"
#include "untrusted.bpf.h"
#include "vma.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* In the first word of a place, above any slot: what is known of the fault. */
#define FAULT_IS_COUNTED (1U << 31) /* as minor */
#define FAULT_IS_MAJOR (1U << 30)   /* and will say so */
#define FAULT_IS (FAULT_IS_COUNTED | FAULT_IS_MAJOR)

/* Open-coded iterator, since 6.7 (4ac454682158). */
int bpf_iter_task_vma_new(struct bpf_iter_task_vma *iter,
                          struct task_struct *task, __u64 address) __ksym;
struct vm_area_struct *
bpf_iter_task_vma_next(struct bpf_iter_task_vma *iter) __ksym;
void bpf_iter_task_vma_destroy(struct bpf_iter_task_vma *iter) __ksym;

static __always_inline bool has_slot(struct file *file,
                                     const struct pf_slot *slot) {
  struct inode *inode = file->f_mapping->host;
  struct pf_key key;

  inode_key(true, inode, inode->i_sb, &key);
  return key_is(&key, &slot->key);
}

/* The tracepoints give no path: the vma does, looked for once per file. While
 * somebody waits to change the mappings the kernel lets nobody look; then the
 * next fault does. Global: the verifier then follows it once. */
__noinline int name_slot(u32 half, u32 index) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  struct pf_slot *slot = slot_at(index);
  struct bpf_iter_task_vma iter;
  struct vm_area_struct *vma;

  if (!slot)
    return 0;
  bpf_iter_task_vma_new(&iter, task, 0);
  while ((vma = bpf_iter_task_vma_next(&iter))) {
    struct file *file = UNTRUSTED(struct vm_area_struct, vma)->vm_file;

    if (!file || !has_slot(file, slot))
      continue;
    name_file(half, index, slot, file);
    break;
  }
  bpf_iter_task_vma_destroy(&iter);
  return 0;
}

static __always_inline u64 thread_faults(struct task_struct *task) {
  return task->min_flt + task->maj_flt;
}

/* Names the thread's fault after `faults` others of its own, and the owner of
 * the slot. Each word of a place names the thread, so that one that two threads
 * write at one time is nobody's or one's, never a mixture. */
static __always_inline u64 fault_tag(u32 thread, u64 faults, u32 owner) {
  return words(thread, (u32)faults << 8 | (owner & 0xff));
}

static __always_inline u32 fault_is(enum page_state page) {
  if (page == PAGE_READY)
    return FAULT_IS_COUNTED;
  return page == PAGE_ABSENT ? FAULT_IS_MAJOR : 0;
}

/* What the place says of the fault so far. */
static __always_inline u32 fault_was(const struct place *place, u64 first,
                                     u64 tag) {
  return place->second == tag && (place->first & ~(u64)FAULT_IS) == first
             ? place->first & FAULT_IS
             : 0;
}

/* The thread is in a fault on a page of the mapping. It may have been seen here
 * before: without the page, or ahead of its wait. The slot if it has no name.
 */
static __noinline u32 see(struct address_space *mapping, enum page_state page) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  u32 thread = task->pid, index, is, was;
  struct place *place = place_of(thread);
  struct pf_slot *slot;
  u64 first, tag;

  index =
      inode_slot(true, UNTRUSTED(struct address_space, mapping)->host, &slot);
  first = words(thread, index);
  tag = fault_tag(thread, thread_faults(task), slot ? slot->owner : 0);
  is = fault_is(page);
  was = fault_was(place, first, tag);
  if (was & FAULT_IS_MAJOR)
    return 0;
  place->first = first | is;
  place->second = tag;
  if (is & ~was & FAULT_IS_COUNTED)
    count_by(bpf_get_smp_processor_id(), index, false, 1);
  if (was & ~is & FAULT_IS_COUNTED)
    count_by(bpf_get_smp_processor_id(), index, false, -1);
  return slot && !slot->named ? index : 0;
}

/* Nearly all faults: the page is ready, the file has a slot that pf_front knows
 * and a name, and the fault was not seen before. By themselves, because most of
 * what they cost is code that no cache of the processor has. False for others,
 * of which nothing was counted. */
static __always_inline bool see_ready(struct address_space *mapping) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  struct inode *inode = mapping->host;
  u32 thread = task->pid, index;
  struct place *place = place_of(thread);
  struct pf_slot *slot;
  struct pf_key key;
  u64 tag;

  inode_key(true, inode, inode->i_sb, &key);
  slot = slot_guess(&key, &index);
  if (!slot || !slot->named)
    return false;
  tag = fault_tag(thread, thread_faults(task), slot->owner);
  if (place->second == tag)
    return false;
  place->first = words(thread, index) | FAULT_IS_COUNTED;
  place->second = tag;
  count_file(bpf_get_smp_processor_id(), index, false);
  return true;
}

/* The verifier allows no global function while nobody may preempt. */
static __always_inline int on_fault(u32 half, struct address_space *mapping,
                                    enum page_state page) {
  u32 unnamed = 0;

  preempt_off(pf_config.preemptible);
  if (page != PAGE_READY || !see_ready(mapping))
    unnamed = see(mapping, page);
  preempt_on(pf_config.preemptible);
  if (unnamed)
    name_slot(half, unnamed);
  return 0;
}

SEC("tp_btf/mm_filemap_map_pages")
int BPF_PROG(pf_map_tp, struct address_space *mapping) {
  return on_fault(WALK_AT_ENTRY, mapping, PAGE_READY);
}

SEC("tp_btf/mm_filemap_fault")
int BPF_PROG(pf_fault_tp, struct address_space *mapping, unsigned long index) {
  return on_fault(WALK_AT_EXIT, mapping, page_state(mapping, index));
}

/* The slot of the fault that the kernel has just counted for the task, and
 * whether it was taken for minor. */
static __always_inline u32 recall(struct task_struct *task, bool *ret_counted) {
  u32 thread = task->pid, index;
  struct place *place = place_of(thread);
  struct pf_slot *slot;

  if (place->first >> 32 != thread)
    return PF_SLOT_UNATTRIBUTED;
  index = (u32)place->first & ~FAULT_IS;
  slot = slot_at(index);
  if (!slot ||
      place->second != fault_tag(thread, thread_faults(task) - 1, slot->owner))
    return PF_SLOT_UNATTRIBUTED;
  *ret_counted = place->first & FAULT_IS_COUNTED;
  return index;
}

SEC("perf_event")
int pf_major_perf(void *ctx) {
  u32 cpu = bpf_get_smp_processor_id();
  bool counted = false;
  u32 index = recall((void *)bpf_get_current_task_btf(), &counted);

  if (counted)
    count_by(cpu, index, false, -1);
  if (index != PF_SLOT_UNATTRIBUTED)
    count(cpu, index, true);
  return 0;
}
