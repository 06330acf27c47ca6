/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Finds the slot of a file: in pf_files, else a free one from pf_free.
 *
 * The queue hands each free slot to one taker on every kernel since 4.20.
 * BPF_NOEXIST decides between takers that race for one file. User space decides
 * which slots are given back (plugin/pagefault/files.c).
 *
 * Most faults need no lookup in the hash: pf_front guesses the slot, and the
 * guess is right if that slot has the file's key. So a slot has its key only
 * while pf_files leads to it. */
#ifndef BPFMEM_PAGEFAULT_FILES_BPF_H
#define BPFMEM_PAGEFAULT_FILES_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "atomic.bpf.h"
#include "offer.bpf.h"
#include "pagefault/api.h"

/* include/linux/fs.h, include/uapi/linux/magic.h, include/uapi/linux/stat.h,
 * include/uapi/asm-generic/errno-base.h */
#define SB_KERNMOUNT (1UL << 22)
#define TMPFS_MAGIC 0x01021994
#define HUGETLBFS_MAGIC 0x958458f6
#define S_IFMT 0170000
#define S_IFCHR 0020000
#define ENOENT 2

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1); /* set before load */
  __type(key, struct pf_key);
  __type(value, u32);
} pf_files SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 1); /* set before load */
  __uint(value_size, sizeof(u32));
} pf_free SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1); /* set before load */
  __type(key, u32);
  __type(value, struct pf_slot);
} pf_slots SEC(".maps");

/* In .bss an access takes one load; in a map it takes fourteen instructions. */
__u32 pf_front[1 << PF_FRONT_BITS];

struct pf_stats pf_stats SEC(PF_STATS_SECTION) = {};
struct pf_read pf_read SEC(PF_READ_SECTION) = {.number = PF_READ_FIRST};

/* Reads a field of a pointer. If the verifier knows the pointer, from fexit or
 * by a cast, this is a plain load, else a checked copy. `known` is a constant.
 */
#define FIELD(known, pointer, field)                                           \
  ((known) ? (pointer)->field : BPF_CORE_READ(pointer, field))

/* The class of an inode, as a fixed slot; PF_SLOT_FILES if it is a file of its
 * own. Shared anonymous memory, memfd and SysV segments live on the kernel's
 * own mount of shmem. anon_inode, dma-buf and the like live on other mounts of
 * its own. */
static __always_inline u32 file_class(const bool known, struct inode *inode,
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

/* Gives the taken slot back: another CPU was first with this file, or the hash
 * had no memory. */
static __always_inline u32 file_slot_give_up(struct pf_slot *slot, u32 taken,
                                             const struct pf_key *key) {
  u32 *winner;

  slot->owner--;
  if (bpf_map_push_elem(&pf_free, &taken, BPF_ANY))
    atomic_add(&pf_stats.slots_lost, 1);
  winner = bpf_map_lookup_elem(&pf_files, key);
  return winner ? *winner : PF_SLOT_OTHER;
}

/* Takes a free slot for the file; PF_SLOT_OTHER when there is none. It counts
 * the owner first, so that whoever finds the slot in pf_files finds its owner,
 * too. */
static __always_inline u32 file_slot_take(const struct pf_key *key) {
  struct pf_slot *slot;
  u32 taken;

  if (bpf_map_pop_elem(&pf_free, &taken))
    return PF_SLOT_OTHER;
  slot = bpf_map_lookup_elem(&pf_slots, &taken);
  if (!slot)
    return PF_SLOT_OTHER;
  slot->naming = PF_UNNAMED;
  slot->checked = PF_UNCHECKED;
  slot->owner++;
  if (bpf_map_update_elem(&pf_files, key, &taken, BPF_NOEXIST))
    return file_slot_give_up(slot, taken, key);
  slot->key = *key;
  return taken;
}

/* Takes the slot from its file, so that no fault finds it any more. Returns the
 * slot after it, or the slot itself if the file can still find it. */
static __always_inline u32 file_retire(u32 index) {
  struct pf_slot *slot = bpf_map_lookup_elem(&pf_slots, &index);
  struct pf_key key;
  long err;

  if (!slot)
    return index;
  key = slot->key;
  err = bpf_map_delete_elem(&pf_files, &key);
  if (err && err != -ENOENT)
    return index;
  slot->key = (struct pf_key){};
  slot->naming = PF_NAMED;
  return index + 1;
}

/* User space runs it: see run_slots() of plugin/kernel/run.h. */
SEC("raw_tp")
int pf_change_slots(u64 *args) {
  return args[2] == PF_RETIRE ? file_retire(args[0])
                              : offer_slots(&pf_free, args);
}

/* 2^64 over the golden ratio: it spreads numbers that follow each other. */
#define SPREAD_FACTOR 0x9e3779b97f4a7c15ULL

/* Files that are used together have numbers that follow each other. */
static __always_inline u32 *file_front_place(const struct pf_key *key) {
  u64 spread = (key->ino ^ key->super) * SPREAD_FACTOR;

  return &pf_front[spread >> (64 - PF_FRONT_BITS)];
}

/* An address as a number, which is the same in all programs that read it alike.
 * The verifier allows only one operation on a pointer that it knows: to
 * subtract another pointer. */
static __always_inline u64 file_address(const bool known, const void *pointer) {
  u64 number = (u64)pointer;
  const void *base = pf_front;

  if (known)
    asm("%0 -= %1" : "+r"(number) : "r"(base));
  return number;
}

static __always_inline void file_key(const bool known, struct inode *inode,
                                     struct super_block *sb,
                                     struct pf_key *key) {
  key->ino = FIELD(known, inode, i_ino);
  key->super = file_address(known, sb);
  key->generation = FIELD(known, inode, i_generation);
  key->root = file_address(known, FIELD(known, sb, s_root));
}

/* A number that tells a file system from one that was at its addresses before:
 * of 40 loop images that were mounted in turn, one had both addresses of the
 * one before. The number of a backing device is never used again (5.4,
 * 34f8fe501f06); FUSE, NFS and btrfs have one for each mount. A loop device
 * keeps its backing device, but its disk counts the images that it has had
 * (5.15, cf179948554a). A file system without a device reads 0 there. */
static __always_inline u32 file_instance(const bool known,
                                         struct super_block *sb) {
  struct backing_dev_info *backing = FIELD(known, sb, s_bdi);
  struct block_device *device = FIELD(known, sb, s_bdev);
  u64 instance = FIELD(known, backing, id) * 0x9e3779b9;

  if (bpf_core_field_exists(struct gendisk, diskseq)) {
    struct gendisk *disk = FIELD(known, device, bd_disk);

    instance += FIELD(known, disk, diskseq) * 0x85ebca6b;
  }
  return (u32)instance;
}

/* Called after a wrong guess. Classes come here with each fault, as they have
 * no slots of files. Returns PF_SLOT_OTHER when there is no room. */
static __always_inline u32 file_slot_find(const bool known,
                                          struct inode *inode) {
  struct super_block *sb = FIELD(known, inode, i_sb);
  u32 index = file_class(known, inode, sb), *found;
  struct pf_key key;

  if (index != PF_SLOT_FILES)
    return index;
  file_key(known, inode, sb, &key);
  found = bpf_map_lookup_elem(&pf_files, &key);
  index = found ? *found : file_slot_take(&key);
  if (index != PF_SLOT_OTHER)
    *file_front_place(&key) = index;
  return index;
}

/* Out of line, so that file_slot() keeps no registers and no stack for it. */
static __noinline u32 file_find_known(struct inode *inode) {
  return file_slot_find(true, inode);
}

static __noinline u32 file_find_unknown(struct inode *inode) {
  return file_slot_find(false, inode);
}

/* The inode's slot. *ret_slot is its entry of pf_slots, NULL for a fixed slot.
 */
static __always_inline u32 file_slot(const bool known, struct inode *inode,
                                     struct pf_slot **ret_slot) {
  struct pf_slot *slot;
  struct pf_key key;
  u32 index;

  file_key(known, inode, FIELD(known, inode, i_sb), &key);
  index = *file_front_place(&key);
  slot = bpf_map_lookup_elem(&pf_slots, &index);
  if (!slot || slot->key.ino != key.ino || slot->key.super != key.super ||
      slot->key.generation != key.generation || slot->key.root != key.root) {
    index = known ? file_find_known(inode) : file_find_unknown(inode);
    slot =
        index < PF_SLOT_FILES ? NULL : bpf_map_lookup_elem(&pf_slots, &index);
  }
  *ret_slot = slot;
  return index;
}

/* Whether the slot is the inode's, and not that of a file in an earlier file
 * system at the same address. If not, no fault finds the slot any more, and
 * user space gives it back. */
static __always_inline bool
file_slot_is_of(const bool known, struct pf_slot *slot, struct inode *inode) {
  u32 instance = file_instance(known, FIELD(known, inode, i_sb));
  struct pf_key key = slot->key;

  if (slot->checked != PF_UNCHECKED && slot->instance != instance) {
    slot->key.super = PF_SUPER_GONE;
    bpf_map_delete_elem(&pf_files, &key);
    return false;
  }
  slot->instance = instance;
  return true;
}

#endif
