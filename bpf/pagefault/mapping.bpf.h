/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Finds the mapping of an address, and the slot of its faults.
 *
 * No helper tells the mapping where page faults raise events: bpf_find_vma()
 * releases its lock by an interrupt of its own there (some 10 us), and the
 * iterator of mappings refuses (6.12.91, 6.18.33: d8e27d2d22b6). So the
 * programs walk the tree: a maple tree since 6.1 (524e00b36e8c), a red-black
 * tree before. The fault's lock keeps the mapping. perf holds RCU, which keeps
 * the tree's nodes. plugin/pagefault/mappings.c compares the walk with
 * /proc/self/maps before it is used. */
#ifndef BPFMEM_PAGEFAULT_MAPPING_BPF_H
#define BPFMEM_PAGEFAULT_MAPPING_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "pagefault/api.h"
#include "pagefault/files.bpf.h"
#include "pagefault/names.bpf.h"

/* include/linux/mm.h */
#define VM_GROWSDOWN 0x100

/* include/linux/maple_tree.h, lib/maple_tree.c: the root is a node when its
 * lowest two bits are 10. A node starts at a multiple of 256; bits 3 to 6 of a
 * pointer to it are its type. A node has pivots, then slots, one more than
 * pivots. A slot covers what is above the pivot before it, up to its own pivot.
 * A pivot of 0 ends those in use. Six levels have room for 10^6 mappings. */
#define MAPLE_IS_NODE(root) (((root)&3) == 2 && (root) > 4096)
#define MAPLE_NODE(entry) ((entry) & ~255UL)
#define MAPLE_TYPE(entry) ((entry) >> 3 & 15)
#define MAPLE_IS_ARANGE(entry)                                                 \
  (MAPLE_TYPE(entry) == bpf_core_enum_value(enum maple_type, maple_arange_64))
#define MAPLE_IS_LEAF(entry)                                                   \
  (MAPLE_TYPE(entry) < bpf_core_enum_value(enum maple_type, maple_range_64))
#define MAPLE_LEVELS_MAX 6

#ifdef PAGEFAULT_BY_LOADS

/* Since 6.2 (a35b9af4ec2c). */
void *bpf_rdonly_cast(const void *pointer, __u32 type) __ksym;

/* A plain load from any address. Memory that cannot be read reads as 0. */
#define UNTRUSTED(type, address)                                               \
  ((type *)bpf_rdonly_cast((void *)(address), bpf_core_type_id_kernel(type)))

#define MAPPING_KNOWN true

/* Which slot of the node covers the address. The loop is unrolled, so that the
 * address of each pivot is a constant: that halves the instructions. */
static __always_inline u64 maple_slot(u64 entry, bool is_arange, u64 address) {
  struct maple_range_64 *node =
      UNTRUSTED(struct maple_range_64, MAPLE_NODE(entry));

#pragma unroll
  for (u32 i = 0; i < MAPLE_RANGE_PIVOTS; i++) {
    if (i == MAPLE_ARANGE_PIVOTS && is_arange)
      return i;
    if (node->pivot[i] - 1 >= address - 1)
      return i;
  }
  return MAPLE_RANGE_PIVOTS;
}

/* The node's entry for the address: a node of the level below, or the address
 * of the mapping. The verifier accepts a field only at a constant offset. So
 * the slot is read as the first word of a type that starts with a word. */
static __always_inline u64 maple_load(u64 entry, u64 address) {
  bool is_arange = MAPLE_IS_ARANGE(entry);
  u64 slots = is_arange ? bpf_core_field_offset(struct maple_arange_64, slot)
                        : bpf_core_field_offset(struct maple_range_64, slot);

  slots += maple_slot(entry, is_arange, address) * sizeof(u64);
  return UNTRUSTED(struct rb_node, MAPLE_NODE(entry) + slots)
      ->__rb_parent_color;
}

#define MAPLE_STEP maple_load
#define TASK_CURRENT() bpf_get_current_task_btf()
#define VMA_AT(address) UNTRUSTED(struct vm_area_struct, address)

#else

#define MAPPING_KNOWN false

/* The same by a copy of the node, of 256 bytes. They are on the stack of a
 * function of its own. */
static __noinline u64 maple_copy(u64 entry, u64 address) {
  bool is_arange = MAPLE_IS_ARANGE(entry);
  u32 count = is_arange ? MAPLE_ARANGE_PIVOTS : MAPLE_RANGE_PIVOTS, i;
  u64 node[32] = {0};
  const u64 first =
      bpf_core_field_offset(struct maple_range_64, pivot) / sizeof(u64);

  if (bpf_probe_read_kernel(node, sizeof(node), (void *)MAPLE_NODE(entry)))
    return 0;
  for (i = 0; i < MAPLE_RANGE_PIVOTS && i < count; i++)
    if (node[(first + i) & 31] - 1 >= address - 1)
      break;
  return node[(first + count + i) & 31];
}

#define MAPLE_STEP maple_copy
#define TASK_CURRENT() bpf_get_current_task()
#define VMA_AT(address) ((struct vm_area_struct *)(address))

#endif

/* The address of the mapping, or 0. */
static __always_inline u64 maple_find(u64 entry, u64 address) {
  if (!MAPLE_IS_NODE(entry))
    return 0;
  for (int level = 0; level < MAPLE_LEVELS_MAX; level++) {
    bool leaf = MAPLE_IS_LEAF(entry);

    entry = MAPLE_STEP(entry, address);
    if (leaf)
      return entry;
  }
  return 0;
}

/* A tree of 2^24 mappings, more than any limit allows, has no more levels. */
#define RB_LEVELS_MAX 48

static __always_inline u64 rb_find(struct mm_struct *mm, u64 address) {
  struct rb_node *node = BPF_CORE_READ(mm, mm_rb.rb_node);

  for (int level = 0; level < RB_LEVELS_MAX && node; level++) {
    struct vm_area_struct *vma =
        (void *)((u64)node -
                 bpf_core_field_offset(struct vm_area_struct, vm_rb));

    if (BPF_CORE_READ(vma, vm_end) <= address)
      node = BPF_CORE_READ(node, rb_right);
    else if (BPF_CORE_READ(vma, vm_start) <= address)
      return (u64)vma;
    else
      node = BPF_CORE_READ(node, rb_left);
  }
  return 0;
}

/* The mapping of the address; NULL when the task has none there. */
static __always_inline struct vm_area_struct *mapping_find(u64 address) {
  struct task_struct *task = (void *)TASK_CURRENT();
  struct mm_struct *mm = FIELD(MAPPING_KNOWN, task, mm);
  struct vm_area_struct *vma;
  u64 found;

  if (!mm)
    return NULL;
  if (MAPPING_KNOWN || bpf_core_field_exists(mm->mm_mt))
    found = maple_find((u64)FIELD(MAPPING_KNOWN, mm, mm_mt.ma_root), address);
  else
    found = rb_find(mm, address);
  vma = VMA_AT(found);
  return found && FIELD(MAPPING_KNOWN, vma, vm_start) <= address &&
                 address < FIELD(MAPPING_KNOWN, vma, vm_end)
             ? vma
             : NULL;
}

/* The class of memory that is no file. Names are those of /proc/PID/maps, but
 * any mapping that grows downwards is a stack. The pages of exec()'s arguments
 * are in one, too: the kernel writes them before it says where the stack
 * starts. */
static __always_inline u32 mapping_class(const bool known,
                                         struct vm_area_struct *vma) {
  struct mm_struct *mm;

  if (FIELD(known, vma, vm_ops))
    return PF_SLOT_SPECIAL;
  if (FIELD(known, vma, vm_flags) & VM_GROWSDOWN)
    return PF_SLOT_STACK;
  mm = FIELD(known, vma, vm_mm);
  return FIELD(known, vma, vm_start) < FIELD(known, mm, brk) &&
                 FIELD(known, vma, vm_end) > FIELD(known, mm, start_brk)
             ? PF_SLOT_HEAP
             : PF_SLOT_ANON;
}

/* Checks the owner of the slot, and sends the file's name if need be. It is
 * called at the first fault of a file after each read, at the first fault by
 * another inode, and at each fault while the name is provisional. */
static __always_inline u32 mapping_look(const bool known, u32 buffer, u32 index,
                                        struct pf_slot *slot,
                                        struct file *file) {
  struct inode *inode = FIELD(known, file, f_inode);

  if (!file_slot_is_of(known, slot, inode)) {
    index = file_slot_find(known, inode);
    slot =
        index < PF_SLOT_FILES ? NULL : bpf_map_lookup_elem(&pf_slots, &index);
    if (!slot)
      return index;
    file_slot_is_of(known, slot, inode);
  }
  index = file_name(buffer, index, slot, file);
  slot->checked =
      slot->naming == PF_PROVISIONAL ? PF_CHECK_ALWAYS : pf_read.number;
  slot->inode = file_address(known, inode);
  return index;
}

static __noinline u32 mapping_look_known(u32 buffer, u32 index,
                                         struct pf_slot *slot,
                                         struct file *file) {
  return mapping_look(true, buffer, index, slot, file);
}

static __noinline u32 mapping_look_unknown(u32 buffer, u32 index,
                                           struct pf_slot *slot,
                                           struct file *file) {
  return mapping_look(false, buffer, index, slot, file);
}

/* The slot of the mapping's faults. A file gets its name here. */
static __always_inline u32 mapping_slot(const bool known, u32 buffer,
                                        struct vm_area_struct *vma) {
  struct file *file = FIELD(known, vma, vm_file);
  struct pf_slot *slot;
  struct inode *inode;
  u32 index;

  if (!file)
    return mapping_class(known, vma);
  inode = FIELD(known, file, f_inode);
  index = file_slot(known, inode, &slot);
  if (!slot || (slot->checked == pf_read.number &&
                slot->inode == (u32)file_address(known, inode)))
    return index;
  return known ? mapping_look_known(buffer, index, slot, file)
               : mapping_look_unknown(buffer, index, slot, file);
}

#endif
