/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The contract between the programs of this directory and plugin/slab.
 *
 * A slot is an index into slab_slots (which cache) and, for each CPU, into
 * slab_counts. Counters only grow; user space clears none but those of a line
 * whose cache is gone. */
#ifndef BPFMEM_SLAB_API_H
#define BPFMEM_SLAB_API_H

#ifdef __bpf__
#include "vmlinux_min.h"
#else
#include <linux/types.h>
#endif

/* Debian's kernels have 120 to 250 caches, a loaded host some 350. */
#define SLAB_SLOTS_MAX 512
#define SLAB_SLOT_OTHER 0 /* a cache for which the table had no room */
#define SLAB_SLOT_CACHES 1

/* Longest name seen: 29 bytes ("lru_cache-zswap...", "ext4_fc_dentry_update").
 */
#define SLAB_NAME_SIZE 48

struct slab_slot {
  __u64 cache; /* address of the struct kmem_cache */
  __u32 owner; /* counts the owners of the slot; 0: never owned */
  __u32 size;  /* bytes that an object takes: kmem_cache.size */
  char name[SLAB_NAME_SIZE];
};

/* One counter per program, so that each has one writer per CPU: BPF's recursion
 * guard keeps a program from interrupting itself (raw tracepoints: 6.1,
 * 05b24ff9b2cf), and a plain add loses nothing. The *_MORE counters have
 * several writers, and a kernel may lack the guard: those adds are atomic
 * (slab_config.atomic). */
enum slab_counter {
  SLAB_ALLOC,
  SLAB_KMALLOC,
  SLAB_FREE,
  SLAB_KFREE,
  SLAB_ALLOC_NODE, /* the node variants are apart up to 6.0 */
  SLAB_KMALLOC_NODE,
  SLAB_ALLOC_MORE, /* bulk, nolock, recovered */
  SLAB_FREE_MORE,  /* bulk, kfree_rcu sheaves, nolock, recovered */
  SLAB_COUNTER_COUNT
};

/* One element of slab_counts: [cpu * SLAB_SLOTS_MAX + slot]; a cache line. */
struct slab_count {
  __u64 count[SLAB_COUNTER_COUNT];
};

/* Nearly all events of hosts with up to SLAB_LINE_CPUS CPUs are counted here,
 * not in slab_counts: one cache line knows its cache and has its counters.
 * Element [cpu * SLAB_LINES + place]. Whoever sets `taken` writes the slot and
 * then the cache; only user space empties a line. */
#define SLAB_LINE_CPUS 16
#define SLAB_LINE_BITS 8
#define SLAB_LINES (1 << SLAB_LINE_BITS)
#define SLAB_LINE_COUNTERS (SLAB_KFREE + 1)
#define SLAB_LINE_LEFT 1 /* for `cache`: that cache is gone */

struct slab_line {
  __u64 cache; /* address of the struct kmem_cache; 0: not yet */
  __u32 taken;
  __u32 slot; /* of whom the counts are */
  __u64 count[SLAB_LINE_COUNTERS];
  __u64 unused[2];
};

struct slab_stats {
  __u64 untracked;  /* events of caches without a slot, in SLAB_SLOT_OTHER */
  __u64 recovered;  /* events that a first copy missed and another had */
  __u64 stash_lost; /* returns of functions whose entry was missed */
};

/* In its own section, at its start, where user space finds it. */
#define SLAB_STATS_SECTION ".data.stats"

/* Constants set before load; the same for them. */
struct slab_config {
  __u32 atomic; /* programs may interrupt themselves: add atomically */
  __u32 copies; /* of each program that are attached: 1 to SLAB_COPIES_MAX */
  __u32 cpus;
  __u32 line_cpus; /* that have lines: all or none */
  __u32
      preemptible; /* programs are, and the kernel has the kfuncs against it */
};
#define SLAB_COPIES_MAX 3
#define SLAB_CONFIG_SECTION ".rodata.config"

/* Elements of slab_tokens for each CPU. */
#define SLAB_TOKENS 256

_Static_assert(sizeof(struct slab_slot) == 64, "layout shared with user space");
_Static_assert(sizeof(struct slab_count) == 64, "one cache line");
_Static_assert(sizeof(struct slab_line) == 64, "one cache line");

#endif
