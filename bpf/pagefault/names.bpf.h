/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Sends the path of a file to user space, once per owner of a slot. A walk goes
 * from the file to the root of its mount tree and collects the components.
 *
 * No kernel up to 7.3 allows bpf_d_path() at handle_mm_fault(). All state lives
 * in map memory. The steps are global functions, which the verifier checks once
 * (5.6, 51c39bb1d5d1) and not in each turn of a loop. A walk is a loop of
 * strides, and a stride is a loop of steps. So the verifier follows 2 x 48
 * turns and not 2304. */
#ifndef BPFMEM_PAGEFAULT_NAMES_BPF_H
#define BPFMEM_PAGEFAULT_NAMES_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "atomic.bpf.h"
#include "pagefault/api.h"
#include "pagefault/files.bpf.h"

/* A path of PATH_MAX, 4096 bytes, has at most half as many components, and may
 * cross mounts. A deeper path keeps its tail. A name has up to 255 bytes, or as
 * many UTF-16 units on file systems of other operating systems. */
#define PATH_STRIDE 48
#define PATH_STRIDES_MAX 48
#define PATH_COMPONENT_SIZE 1024

/* A macro of include/linux/fs.h, which BTF does not have: bit 25 since 6.5, bit
 * 24 since 6.14 and in later 6.12.y. Each bit has had other meanings. */
#define FMODE_BACKING (1U << 24 | 1U << 25)
/* fs/mount.h: ERR_PTR(-EINVAL). */
#define MNT_NS_INTERNAL (-22L)

/* A program at an event may interrupt one at a function. Programs at events
 * never interrupt each other. */
enum name_buffer { NAME_BY_EVENT, NAME_BY_FUNCTION, NAME_BUFFERS };

struct path_walk {
  struct pf_name name;
  char components[PF_NAME_COMPONENTS_MAX];
  char spill[PATH_COMPONENT_SIZE]; /* room for a last one, not sent */
  u64 dentry;
  u64 mount;
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, NAME_BUFFERS);
  __type(key, u32);
  __type(value, struct path_walk);
} pf_walks SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, PF_NAMES_SIZE);
} pf_names SEC(".maps");

/* Takes one step towards the root. Returns 0 at the end, and clears name.cut if
 * the end is the root. Global: see above. */
__noinline int path_step(u32 buffer) {
  struct path_walk *walk = bpf_map_lookup_elem(&pf_walks, &buffer);

  if (!walk)
    return 0;

  struct dentry *dentry = (void *)walk->dentry;
  struct mount *mount = (void *)walk->mount;
  struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
  u32 used = walk->name.size;

  if (dentry == BPF_CORE_READ(mount, mnt.mnt_root) || dentry == parent) {
    struct mount *above = BPF_CORE_READ(mount, mnt_parent);

    if (above == mount || !above) {
      walk->name.cut = 0;
      return 0;
    }
    walk->dentry = (u64)BPF_CORE_READ(mount, mnt_mountpoint);
    walk->mount = (u64)above;
    return 1;
  }
  if (used >= PF_NAME_COMPONENTS_MAX - PATH_COMPONENT_SIZE)
    return 0;
  long length =
      bpf_probe_read_kernel_str(walk->components + used, PATH_COMPONENT_SIZE,
                                BPF_CORE_READ(dentry, d_name.name));
  if (length <= 0)
    return 0;
  walk->name.size = used + (u32)length;
  walk->dentry = (u64)parent;
  return 1;
}

/* Takes PATH_STRIDE steps. Returns 0 at the end. Global: see above. */
__noinline int path_stride(u32 buffer) {
  for (int i = 0; i < PATH_STRIDE; i++)
    if (!path_step(buffer))
      return 0;
  return 1;
}

static __always_inline struct mount *path_mount(const struct path *path) {
  return (void *)((u64)path->mnt - bpf_core_field_offset(struct mount, mnt));
}

/* Sends the path of the slot's owner. Returns 0, or less on failure. */
static __always_inline long path_send(u32 buffer, u32 slot, u32 owner,
                                      enum pf_naming naming,
                                      const struct path *path) {
  struct path_walk *walk = bpf_map_lookup_elem(&pf_walks, &buffer);

  if (!walk)
    return -1;
  walk->name = (struct pf_name){
      .slot = slot, .owner = owner, .cut = 1, .naming = naming};
  walk->dentry = (u64)path->dentry;
  walk->mount = (u64)path_mount(path);
  for (int i = 0; i < PATH_STRIDES_MAX; i++)
    if (!path_stride(buffer))
      break;

  u32 size = walk->name.size;
  if (size > PF_NAME_COMPONENTS_MAX)
    return -1;
  return bpf_ringbuf_output(&pf_names, walk, sizeof(walk->name) + size,
                            BPF_RB_NO_WAKEUP);
}

/* Whether overlayfs opened the file, for a file of its own. Such a file is on a
 * private mount, where nobody else opens files to map them. */
static __always_inline bool file_is_backing(struct file *file) {
  struct path path = {.mnt = BPF_CORE_READ(file, f_path.mnt)};

  return bpf_core_field_exists(struct backing_file, user_path) &&
         (BPF_CORE_READ(file, f_mode) & FMODE_BACKING) &&
         (long)BPF_CORE_READ(path_mount(&path), mnt_ns) == MNT_NS_INTERNAL;
}

/* The path to show. For overlayfs since 6.8, vm_file is the file below, and the
 * struct around it has the path that the user opened (def3ae83da02). Before 6.8
 * vm_file has that path and the inode below. */
static __always_inline void file_path(struct file *file, struct path *path) {
  if (file_is_backing(file)) {
    struct backing_file *backing = (void *)file;

    path->dentry = BPF_CORE_READ(backing, user_path.dentry);
    path->mnt = BPF_CORE_READ(backing, user_path.mnt);
  } else {
    path->dentry = BPF_CORE_READ(file, f_path.dentry);
    path->mnt = BPF_CORE_READ(file, f_path.mnt);
  }
}

/* Any user can make a user namespace and mount a file of others there at a
 * place of his choice. A name from such a mount holds only until the file has a
 * fault by a mount of the initial user namespace, whose level is 0. A mount
 * that is in no namespace is not trusted either: its level cannot be read. */
static __always_inline bool path_is_trusted(const struct path *path) {
  struct mnt_namespace *mounts = BPF_CORE_READ(path_mount(path), mnt_ns);
  struct user_namespace *users = BPF_CORE_READ(mounts, user_ns);
  int level = -1;

  if (users)
    bpf_core_read(&level, sizeof(level), &users->level);
  return level == 0;
}

static __always_inline bool names_have_room(void) {
  return bpf_ringbuf_query(&pf_names, BPF_RB_AVAIL_DATA) <
         PF_NAMES_SIZE - sizeof(struct path_walk);
}

/* Names the slot by the path of `file`, whose mapping faulted. If the ring may
 * have no room for the path, there is no walk: the slot stays unnamed until
 * there is room. Returns the slot in which the fault counts: while a name of a
 * user namespace cannot be replaced, faults by other mounts count as "other".
 */
static __noinline u32 file_name(u32 buffer, u32 index, struct pf_slot *slot,
                                struct file *file) {
  u32 owner = slot->owner;
  enum pf_naming naming;
  struct path path;

  if (slot->naming == PF_NAMED)
    return index;
  file_path(file, &path);
  naming = path_is_trusted(&path) ? PF_NAMED : PF_PROVISIONAL;
  if (slot->naming >= naming)
    return index;
  if (names_have_room() &&
      path_send(buffer, index, owner, naming, &path) >= 0) {
    if (slot->owner == owner) /* it may have changed during a long walk */
      slot->naming = naming;
    return index;
  }
  atomic_add(&pf_stats.names_lost, 1);
  if (naming == PF_PROVISIONAL)
    return index;
  if (slot->naming == PF_PROVISIONAL)
    return PF_SLOT_OTHER;
  slot->naming = PF_NAME_LOST;
  return index;
}

#endif
