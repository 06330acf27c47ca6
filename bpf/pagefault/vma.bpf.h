/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Which slot the faults of a mapping belong to. */
#ifndef BPFMEM_PAGEFAULT_VMA_BPF_H
#define BPFMEM_PAGEFAULT_VMA_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "pagefault/api.h"
#include "pagefault/inode.bpf.h"
#include "pagefault/path.bpf.h"
#include "pagefault/slots.bpf.h"

/* A macro of include/linux/fs.h, so not in BTF: bit 25 since 6.5 and bit 24
 * since 6.14, also in later 6.12.y. Each has had other meanings. */
#define FMODE_BACKING (1U << 24 | 1U << 25)
/* fs/mount.h: ERR_PTR(-EINVAL). */
#define MNT_NS_INTERNAL (-22L)

/* The two program halves that can run at once on one CPU: see pf_walks. */
enum walk_half { WALK_AT_ENTRY, WALK_AT_EXIT };

struct pf_stats pf_stats SEC(PF_STATS_SECTION) = {};

/* Whether overlayfs opened it, below a file of its own: then it is on a private
 * mount, where nobody else opens files to map them. */
static __always_inline bool is_backing(struct file *file) {
  struct vfsmount *mnt = BPF_CORE_READ(file, f_path.mnt);
  struct mount *mount =
      (void *)((u64)mnt - bpf_core_field_offset(struct mount, mnt));

  return bpf_core_field_exists(struct backing_file, user_path) &&
         (BPF_CORE_READ(file, f_mode) & FMODE_BACKING) &&
         (long)BPF_CORE_READ(mount, mnt_ns) == MNT_NS_INTERNAL;
}

/* The path to show: for overlayfs since 6.8 vm_file is the file below, and the
 * path that the user opened is in the struct around it (def3ae83da02). Before,
 * vm_file has that path and the inode below. */
static __always_inline void file_path(struct file *file, struct path *path) {
  if (is_backing(file)) {
    struct backing_file *backing = (void *)file;

    path->dentry = BPF_CORE_READ(backing, user_path.dentry);
    path->mnt = BPF_CORE_READ(backing, user_path.mnt);
  } else {
    path->dentry = BPF_CORE_READ(file, f_path.dentry);
    path->mnt = BPF_CORE_READ(file, f_path.mnt);
  }
}

static __noinline void name_file(u32 half, u32 index, struct pf_slot *slot,
                                 struct file *file) {
  struct path path;

  file_path(file, &path);
  if (path_send(half, index, slot->owner, path.dentry, path.mnt))
    __sync_fetch_and_add(&pf_stats.names_lost, 1);
  else
    slot->named = 1;
}

static __always_inline u32 file_slot(const bool known, u32 half,
                                     struct file *file) {
  struct pf_slot *slot;
  u32 index = inode_slot(known, FIELD(known, file, f_inode), &slot);

  if (slot && !slot->named)
    name_file(half, index, slot, file);
  return index;
}

/* The names of /proc/PID/maps: vma_is_initial_heap(), vma_is_initial_stack().
 */
static __always_inline u32 anon_slot(const bool known,
                                     struct vm_area_struct *vma) {
  struct mm_struct *mm = FIELD(known, vma, vm_mm);
  unsigned long start = FIELD(known, vma, vm_start), stack;

  if (FIELD(known, vma, vm_ops))
    return PF_SLOT_SPECIAL;
  if (start < FIELD(known, mm, brk) &&
      FIELD(known, vma, vm_end) > FIELD(known, mm, start_brk))
    return PF_SLOT_HEAP;
  stack = FIELD(known, mm, start_stack);
  if (start <= stack && FIELD(known, vma, vm_end) >= stack)
    return PF_SLOT_STACK;
  return PF_SLOT_ANON;
}

static __always_inline u32 vma_slot(const bool known, u32 half,
                                    struct vm_area_struct *vma) {
  struct file *file = FIELD(known, vma, vm_file);

  return file ? file_slot(known, half, file) : anon_slot(known, vma);
}

#endif
