/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a file is: its identity, or the class it belongs to; and its slot. */
#ifndef BPFMEM_PAGEFAULT_INODE_BPF_H
#define BPFMEM_PAGEFAULT_INODE_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "pagefault/api.h"
#include "pagefault/slots.bpf.h"

/* include/linux/fs.h, include/uapi/linux/magic.h, include/uapi/linux/stat.h */
#define SB_KERNMOUNT (1UL << 22)
#define TMPFS_MAGIC 0x01021994
#define HUGETLBFS_MAGIC 0x958458f6
#define S_IFMT 0170000
#define S_IFCHR 0020000

/* Reads a field of a pointer that the verifier knows (fentry, tp_btf: a plain
 * load) or does not (kprobe: a checked copy). `known` is a constant. */
#define FIELD(known, pointer, field)                                           \
  ((known) ? (pointer)->field : BPF_CORE_READ(pointer, field))

/* The fixed slot of files that are no names of their own, or PF_SLOT_FILES.
 * Shared anonymous memory, memfd and SysV segments live on the kernel's own
 * mount of shmem; anon_inode, dma-buf and the like on other such mounts. */
static __always_inline u32 inode_class(const bool known, struct inode *inode,
                                       struct super_block *sb) {
  unsigned long flags = FIELD(known, sb, s_flags);
  unsigned long magic = FIELD(known, sb, s_magic);

  if (magic == HUGETLBFS_MAGIC)
    return PF_SLOT_HUGETLB;
  if (flags & SB_KERNMOUNT)
    return magic == TMPFS_MAGIC ? PF_SLOT_SHMEM : PF_SLOT_SPECIAL;
  if ((FIELD(known, inode, i_mode) & S_IFMT) == S_IFCHR)
    return PF_SLOT_SPECIAL;
  return PF_SLOT_FILES;
}

static __always_inline void inode_key(const bool known, struct inode *inode,
                                      struct super_block *sb,
                                      struct pf_key *key) {
  key->ino = FIELD(known, inode, i_ino);
  key->dev = FIELD(known, sb, s_dev);
  key->generation = FIELD(known, inode, i_generation);
}

/* After a wrong guess. Classes come here with each fault: they have no slots of
 * files. */
static __always_inline u32 inode_find(const bool known, struct inode *inode) {
  struct super_block *sb = FIELD(known, inode, i_sb);
  u32 index = inode_class(known, inode, sb);
  struct pf_key key;

  if (index != PF_SLOT_FILES)
    return index;
  inode_key(known, inode, sb, &key);
  return slot_find(&key);
}

/* Out of line, so that the guess keeps no registers and no stack for it. */
static __noinline u32 inode_find_known(struct inode *inode) {
  return inode_find(true, inode);
}

static __noinline u32 inode_find_unknown(struct inode *inode) {
  return inode_find(false, inode);
}

/* The inode's slot; in ret_slot its entry of pf_slots, NULL for a fixed one. */
static __always_inline u32 inode_slot(const bool known, struct inode *inode,
                                      struct pf_slot **ret_slot) {
  struct pf_key key;
  u32 index;

  inode_key(known, inode, FIELD(known, inode, i_sb), &key);
  *ret_slot = slot_guess(&key, &index);
  if (*ret_slot)
    return index;
  index = known ? inode_find_known(inode) : inode_find_unknown(inode);
  if (index >= PF_SLOT_FILES)
    *ret_slot = slot_at(index);
  return index;
}

#endif
