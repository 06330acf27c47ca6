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

#include "pagefault/api.h"
#include "pagefault/counts.bpf.h"
#include "pagefault/inode.bpf.h"
#include "pagefault/lines.bpf.h"
#include "pagefault/pagecache.bpf.h"
#include "pagefault/place.bpf.h"
#include "pagefault/slots.bpf.h"
#include "pagefault/vma.bpf.h"
#include "preempt.bpf.h"
#include "untrusted.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* In the first word of a place, above any slot: what is known of the fault. If
 * nothing else, it was counted as minor. */
#define FAULT_IS_UNCOUNTED (1U << 31)
#define FAULT_IS_MAJOR (1U << 30) /* and will say so */
#define FAULT_IS (FAULT_IS_UNCOUNTED | FAULT_IS_MAJOR)

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
static __always_inline u64 fault_tag(u32 thread, u64 faults, u8 owner) {
  return words(thread, (u32)faults << 8 | owner);
}

static __always_inline u32 fault_is(enum page_state page) {
  if (page == PAGE_READY)
    return 0;
  return page == PAGE_ABSENT ? FAULT_IS : FAULT_IS_UNCOUNTED;
}

/* What the place says of the fault so far. */
static __always_inline u32 fault_was(const struct place *place, u64 first,
                                     u64 tag) {
  return place->second == tag && (place->first & ~(u64)FAULT_IS) == first
             ? place->first & FAULT_IS
             : FAULT_IS_UNCOUNTED;
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
  if (was & ~is & FAULT_IS_UNCOUNTED)
    count_by(bpf_get_smp_processor_id(), index, false, 1);
  if (is & ~was & FAULT_IS_UNCOUNTED)
    count_by(bpf_get_smp_processor_id(), index, false, -1);
  return slot && !slot->named ? index : 0;
}

/* The thread's fault is on a page that is ready, of a file that has a name. The
 * place then says that it is counted, which the caller does; false if the place
 * has it already. */
static __always_inline bool place_ready(struct task_struct *task, u32 index,
                                        u8 owner) {
  u32 thread = task->pid;
  struct place *place = place_of(thread);
  u64 tag = fault_tag(thread, thread_faults(task), owner);

  if (place->second == tag)
    return false;
  place->first = words(thread, index);
  place->second = tag;
  return true;
}

/* The file has a slot that pf_front knows, and takes a line if that is free.
 * False for others, of which nothing was counted. */
static __always_inline bool see_known(struct address_space *mapping,
                                      const bool lines) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  u32 cpu = bpf_get_smp_processor_id(), index;
  struct inode *inode = mapping->host;
  struct pf_slot *slot;
  struct pf_key key;

  inode_key(true, inode, inode->i_sb, &key);
  slot = slot_guess(&key, &index);
  if (!slot || !slot->named || !place_ready(task, index, slot->owner))
    return false;
  count_minor(cpu, index);
  if (lines)
    line_take(cpu, &key, index, slot->owner);
  return true;
}

/* The file has a line. */
static __always_inline bool see_again(struct address_space *mapping) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  u32 cpu = bpf_get_smp_processor_id();
  struct inode *inode = mapping->host;
  struct pf_line *line;
  struct pf_key key;
  u64 holder;

  inode_key(true, inode, inode->i_sb, &key);
  line = line_of(cpu, &key);
  barrier_var(line); /* or its address is made again for each field */
  if (!key_is(&line->key, &key))
    return false;
  holder = line->holder;
  if (!place_ready(task, PF_LINE_SLOT(holder), holder >> PF_LINE_OWNER_SHIFT))
    return false;
  line->minor++;
  return true;
}

static __noinline int see_and_name(u32 half, struct address_space *mapping,
                                   enum page_state page) {
  u32 unnamed = see(mapping, page);

  if (unnamed)
    name_slot(half, unnamed);
  return 0;
}

static __noinline int see_other(u32 half, struct address_space *mapping,
                                enum page_state page) {
  return page == PAGE_READY && see_known(mapping, true)
             ? 0
             : see_and_name(half, mapping, page);
}

/* Nearly all faults by themselves, and all others in one call, because most of
 * what they cost is code and tables that no cache of the processor has. */
static __always_inline int on_fault(u32 half, struct address_space *mapping,
                                    enum page_state page) {
  return page == PAGE_READY && see_again(mapping)
             ? 0
             : see_other(half, mapping, page);
}

static __always_inline int
on_fault_plain(u32 half, struct address_space *mapping, enum page_state page) {
  return page == PAGE_READY && see_known(mapping, false)
             ? 0
             : see_and_name(half, mapping, page);
}

/* The verifier allows no global function while nobody may preempt. */
static __always_inline int on_fault_preemptible(u32 half,
                                                struct address_space *mapping,
                                                enum page_state page) {
  u32 unnamed = 0;

  preempt_off(true);
  if (page != PAGE_READY || !see_known(mapping, false))
    unnamed = see(mapping, page);
  preempt_on(true);
  if (unnamed)
    name_slot(half, unnamed);
  return 0;
}

/* A program that asks which of them it is reads one page more. */
#define ON_TRACEPOINTS(suffix, on_fault)                                       \
  SEC("tp_btf/mm_filemap_map_pages")                                           \
  int BPF_PROG(pf_map_##suffix, struct address_space *mapping) {               \
    return on_fault(WALK_AT_ENTRY, mapping, PAGE_READY);                       \
  }                                                                            \
  SEC("tp_btf/mm_filemap_fault")                                               \
  int BPF_PROG(pf_fault_##suffix, struct address_space *mapping,               \
               unsigned long index) {                                          \
    return on_fault(WALK_AT_EXIT, mapping, page_state(mapping, index));        \
  }
ON_TRACEPOINTS(tp, on_fault)
ON_TRACEPOINTS(plain_tp, on_fault_plain)
ON_TRACEPOINTS(preemptible_tp, on_fault_preemptible)

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
  *ret_counted = !(place->first & FAULT_IS_UNCOUNTED);
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
