/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The contract between bpf/slab and plugin/slab.
 *
 * A cache that has events gets a slot. A slot is an index into slab_slots,
 * which says what cache it is, and on each CPU into slab_counts. At each read
 * user space gives busy caches a line on each CPU, where programs count much
 * faster. Counters only grow, but user space clears those of a line that nobody
 * uses any more. */
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
#define SLAB_SLOT_FIRST 1

/* Longest name seen: 29 bytes ("lru_cache-zswap...", "ext4_fc_dentry_update").
 */
#define SLAB_NAME_SIZE 48

/* The cache from which caches are allocated. It never has a line, as programs
 * must look at each object that comes from it. */
#define SLAB_CACHE_OF_CACHES "kmem_cache"

struct slab_slot {
  __u64 cache; /* address of the struct kmem_cache; 0: that cache is gone */
  __u32 owner; /* counts the owners of the slot; 0: never owned */
  __u32 size;  /* bytes that an object takes: kmem_cache.size */
  char name[SLAB_NAME_SIZE]; /* "": another CPU gave the cache its slot */
};

enum slab_event { SLAB_ALLOC, SLAB_FREE, SLAB_EVENT_COUNT };

/* An element of slab_counts: [cpu * SLAB_SLOTS_MAX + slot]. */
struct slab_count {
  __u64 events[SLAB_EVENT_COUNT];
};

/* There is one counter per program, so each has one writer per CPU: BPF's
 * recursion guard keeps a program from interrupting itself (raw tracepoints:
 * 6.1, 05b24ff9b2cf; classic ones: always). So a plain add loses nothing. The
 * *_MORE counters have several writers, so programs add to them atomically.
 * Where the kernel lacks the guard they add to all counters atomically
 * (slab_config.atomic). */
enum slab_counter {
  SLAB_COUNTER_ALLOC,
  SLAB_COUNTER_KMALLOC,
  SLAB_COUNTER_ALLOC_MORE, /* bulk, nolock */
  SLAB_COUNTER_FREE,
  SLAB_COUNTER_KFREE,
  SLAB_COUNTER_FREE_MORE, /* bulk, kfree_rcu sheaves, nolock */
  SLAB_COUNTER_COUNT
};

static inline enum slab_event slab_counter_event(enum slab_counter counter) {
  return counter < SLAB_COUNTER_FREE ? SLAB_ALLOC : SLAB_FREE;
}

/* A cache and its counters in one cache line. Only user space sets `cache` to a
 * cache; a program sets it to SLAB_LINE_LEFT when that cache is gone. */
struct slab_line {
  __u64 cache; /* address of the struct kmem_cache; 0: free */
  __u64 count[SLAB_COUNTER_COUNT];
  __u64 unused;
};
#define SLAB_LINE_LEFT 1

/* An element of slab_lines: [cpu << SLAB_PAIR_BITS | slab_pair(cache)]. One
 * lookup finds both lines that the cache may have. */
#define SLAB_PAIR_BITS 7
#define SLAB_PAIR_COUNT (1 << SLAB_PAIR_BITS)
#define SLAB_PAIR_LINES 2

struct slab_pair {
  struct slab_line line[SLAB_PAIR_LINES];
};

/* Addresses are multiples of 64; an odd factor spreads them. 32 bits save an
 * instruction. */
static inline __u32 slab_pair(__u64 cache) {
  return (__u32)cache * 0x9e3779b1U >> (32 - SLAB_PAIR_BITS);
}

struct slab_stats {
  __u64 untracked; /* events of caches without a slot, in SLAB_SLOT_OTHER */
  __u64 beyond;    /* events on CPUs that the tables have no room for */
  __u64 dropped;   /* frees of a bulk that was longer than a program can walk */
  /* Calls by kprobe: those whose arguments the program at the entry kept; those
   * that the program at the return took; returns without such arguments. */
  __u64 kept, taken, unkept;
};

/* In a section of its own, at its start: there user space finds it. */
#define SLAB_STATS_SECTION ".data.stats"

/* Constants that user space sets before load, in a section of their own, too.
 */
struct slab_config {
  __u32 atomic; /* programs may interrupt themselves: add atomically */
  __u32 cpus;   /* that the tables have room for */
};
#define SLAB_CONFIG_SECTION ".rodata.config"

_Static_assert(sizeof(struct slab_slot) == 64, "layout shared with user space");
_Static_assert(sizeof(struct slab_line) == 64, "one cache line");

#endif
