/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Walks from a file to the root of its mount tree and emits the components.
 *
 * bpf_d_path() is not allowed at handle_mm_fault on any kernel up to 7.3. All
 * state lives in map memory, and steps are global functions, which the verifier
 * checks once (5.6, 51c39bb1d5d1) and not in each turn of the loop: a walk is a
 * loop of such loops, so that loading takes the verifier 2 x 48 turns and not
 * 2304. */
#ifndef BPFMEM_PAGEFAULT_PATH_BPF_H
#define BPFMEM_PAGEFAULT_PATH_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "pagefault/api.h"

/* A path of PATH_MAX, 4096 bytes, has half as many components at most, and may
 * cross mounts; a deeper one keeps its tail. A name is up to 255 bytes, or as
 * many UTF-16 units on the file systems of other systems. */
#define PATH_STRIDE 48
#define PATH_STRIDES_MAX 48
#define PATH_COMPONENT_SIZE 1024

struct path_walk {
  struct pf_name name;
  char components[PF_NAME_COMPONENTS_MAX];
  char spill[PATH_COMPONENT_SIZE]; /* room for the last component, unsent */
  u64 dentry;
  u64 mount;
};

/* The fentry half and the fexit half may walk at once on a preemptible CPU. */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 2);
  __type(key, u32);
  __type(value, struct path_walk);
} pf_walks SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 512 * 1024);
} pf_names SEC(".maps");

/* One step towards the root; 0 at the end, with name.cut cleared when the end
 * is the root. Global: see above. */
__noinline int path_step(u32 half) {
  struct path_walk *walk = bpf_map_lookup_elem(&pf_walks, &half);

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

/* As many steps; 0 at the end. Global: see above. */
__noinline int path_stride(u32 half) {
  for (int i = 0; i < PATH_STRIDE; i++)
    if (!path_step(half))
      return 0;
  return 1;
}

/* Sends the path of slot's owner to user space. 0, or -1 when it could not be
 * sent (no room in the ring): the caller leaves the slot unnamed. */
static __always_inline long path_send(u32 half, u32 slot, u32 owner,
                                      struct dentry *dentry,
                                      struct vfsmount *mnt) {
  struct path_walk *walk = bpf_map_lookup_elem(&pf_walks, &half);

  if (!walk)
    return -1;
  walk->name = (struct pf_name){.slot = slot, .owner = owner, .cut = 1};
  walk->dentry = (u64)dentry;
  walk->mount = (u64)mnt - bpf_core_field_offset(struct mount, mnt);
  for (int i = 0; i < PATH_STRIDES_MAX; i++)
    if (!path_stride(half))
      break;

  u32 size = walk->name.size;
  if (size > PF_NAME_COMPONENTS_MAX)
    return -1;
  return bpf_ringbuf_output(&pf_names, walk, sizeof(walk->name) + size,
                            BPF_RB_NO_WAKEUP);
}

#endif
