/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The kernel types that the programs read, reduced by hand to the fields that
 * they read. Each struct has a note of who reads it. CO-RE relocates every
 * access, so neither order nor size matters here, and the build needs neither
 * kernel headers nor BTF. */
#ifndef BPFMEM_VMLINUX_MIN_H
#define BPFMEM_VMLINUX_MIN_H

#define __VMLINUX_H__ /* bpf_tracing.h: registers by their kernel names */

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* uapi/linux/bpf.h: what bpf_helpers.h and the programs name. */
enum bpf_map_type {
  BPF_MAP_TYPE_HASH = 1,
  BPF_MAP_TYPE_ARRAY = 2,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_LRU_HASH = 9,
  BPF_MAP_TYPE_QUEUE = 22,
  BPF_MAP_TYPE_RINGBUF = 27,
};
enum {
  BPF_ANY = 0,
  BPF_NOEXIST = 1,
};
enum { BPF_F_MMAPABLE = 1U << 10 };
enum { BPF_RB_NO_WAKEUP = 1U << 0 };
enum { BPF_RB_AVAIL_DATA = 0 };

struct bpf_raw_tracepoint_args {
  __u64 args[0];
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
  unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si,
      di, orig_ax, ip, cs, flags, sp, ss;
} __attribute__((preserve_access_index));
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
  __u64 regs[31], sp, pc, pstate;
} __attribute__((preserve_access_index));
struct pt_regs;
#else
#error "bpfmem knows the registers of x86 and arm64 only"
#endif

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push(__attribute__((preserve_access_index)),           \
                             apply_to = record)
#endif

/* pagefault/names.bpf.h: the walk from a dentry to the root of its mounts. */
struct qstr {
  const unsigned char *name;
};
struct dentry {
  struct dentry *d_parent;
  struct qstr d_name;
};
struct vfsmount {
  struct dentry *mnt_root;
};
struct user_namespace {
  int level;
};
struct mnt_namespace {
  struct user_namespace *user_ns;
};
struct mount { /* fs/mount.h */
  struct mount *mnt_parent;
  struct dentry *mnt_mountpoint;
  struct vfsmount mnt;
  struct mnt_namespace *mnt_ns;
};
struct path {
  struct vfsmount *mnt;
  struct dentry *dentry;
};

/* pagefault/files.bpf.h: identity of a file and what kind it is. */
struct backing_dev_info {
  u64 id;
};
struct gendisk {
  u64 diskseq; /* since 5.15 */
};
struct block_device {
  struct gendisk *bd_disk;
};
struct super_block {
  unsigned long s_flags;
  unsigned long s_magic;
  struct dentry *s_root;
  struct block_device *s_bdev;
  struct backing_dev_info *s_bdi;
};
struct inode {
  __u16 i_mode;
  struct super_block *i_sb;
  unsigned long i_ino;
  __u32 i_generation;
};
struct address_space;
struct file {
  unsigned int f_mode;
  struct address_space *f_mapping; /* as a number only */
  struct path f_path;
  struct inode *f_inode;
};
struct backing_file { /* since 6.5; user_path since 6.8 */
  struct file file;
  struct path user_path;
};

/* pagefault/mapping.bpf.h: the mappings of a process, and what tells their
 * class. */
struct maple_tree { /* since 6.1 */
  void *ma_root;
};
enum maple_type {
  maple_dense,
  maple_leaf_64,
  maple_range_64,
  maple_arange_64,
};
#define MAPLE_RANGE_PIVOTS 15
#define MAPLE_ARANGE_PIVOTS 9
struct maple_range_64 {
  unsigned long pivot[MAPLE_RANGE_PIVOTS];
  void *slot[MAPLE_RANGE_PIVOTS + 1];
};
struct maple_arange_64 {
  unsigned long pivot[MAPLE_ARANGE_PIVOTS];
  void *slot[MAPLE_ARANGE_PIVOTS + 1];
};
struct rb_node {
  unsigned long __rb_parent_color; /* maple_load() reads a word by it */
  struct rb_node *rb_right, *rb_left;
};
struct rb_root {
  struct rb_node *rb_node;
};
struct mm_struct {
  unsigned long start_brk, brk;
  struct maple_tree mm_mt; /* since 6.1 */
  struct rb_root mm_rb;    /* before */
};
struct vm_area_struct {
  unsigned long vm_start, vm_end, vm_pgoff;
  struct mm_struct *vm_mm;
  unsigned long vm_flags;
  const void *vm_ops;
  struct file *vm_file;
  struct rb_node vm_rb; /* until 6.0 */
};

/* pagefault/stalls.bpf.h, too: the identity of a thread, and its count of
 * faults. */
struct task_struct {
  struct mm_struct *mm;
  unsigned int flags;
  u64 start_time;
  unsigned long min_flt, maj_flt;
};
struct vm_fault {
  struct vm_area_struct *vma;
  unsigned long pgoff;
};

/* slab.bpf.c */
struct kmem_cache {
  unsigned int size;
  const char *name;
};

/* object.bpf.h: the cache of a bare object; see there for the kernels. */
struct page {
  unsigned long flags;
  unsigned long compound_head;
  unsigned int page_type;
  struct kmem_cache *slab_cache; /* until 5.16 */
};
struct slab { /* since 5.17, d122019bf061 */
  struct kmem_cache *slab_cache;
};

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

/* uapi/linux/bpf_perf_event.h: the context of programs at perf events. */
struct bpf_perf_event_data {
#if defined(__TARGET_ARCH_x86)
  struct pt_regs regs;
#else
  struct user_pt_regs regs;
#endif
  __u64 sample_period;
  __u64 addr;
};

enum bpf_func_id { BPF_FUNC_get_current_task_btf = 158 };
enum vm_fault_reason { VM_FAULT_COMPLETED = 0x4000 };
enum pageflags { PG_slab = 7 };
enum pagetype { PGTY_slab = 245 };

#endif
