/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The contract between the programs of this directory and plugin/pagefault.
 *
 * A slot is an index into pf_slots (who owns it) and, for each CPU, into
 * pf_counts (how often); the fixed slots count in pf_cpus. Counters only grow;
 * user space never clears them. */
#ifndef BPFMEM_PAGEFAULT_API_H
#define BPFMEM_PAGEFAULT_API_H

#ifdef __bpf__
#include "vmlinux_min.h"
#else
#include <linux/types.h>
#endif

/* Fixed slots: what is no file of its own. Files follow from PF_SLOT_FILES. */
enum pf_fixed_slot {
  PF_SLOT_OTHER = 0,    /* a file for which the table had no room */
  PF_SLOT_UNATTRIBUTED, /* the hook could not say what faulted */
  PF_SLOT_ANON,
  PF_SLOT_HEAP,
  PF_SLOT_STACK,
  PF_SLOT_SHMEM,
  PF_SLOT_HUGETLB,
  PF_SLOT_SPECIAL,
  PF_SLOT_FILES
};

/* Identity of a file: the kernel's own numbers (s_dev is kernel-encoded, and
 * never 0). i_generation tells a reused inode number from the file that had it.
 */
struct pf_key {
  __u64 ino;
  __u32 dev;
  __u32 generation;
};

/* One element of pf_slots. `owner` counts the owners of the slot, so that user
 * space sees a change; 0: never owned. User space clears the key of an owner
 * that it retires. */
struct pf_slot {
  struct pf_key key;
  __u32 owner;
  __u32 named; /* the name went out through pf_names */
};

/* One element of pf_counts: [cpu * slots_max + slot], of files. 8 bytes: 8192
 * files cost 64 KiB per CPU. They wrap; user space adds what they have grown by
 * since the last read, which is less than 2^31. */
struct pf_count {
  __u32 minor;
  __u32 major;
};

/* The same of a fixed slot, which may have the faults of all processes. */
struct pf_sum {
  __u64 minor;
  __u64 major;
};

/* One element of pf_cpus, by CPU, of whole cache lines: what handle_mm_fault()
 * did that is no fault of any file; how many faults that count raised no perf
 * event, having no registers; the fixed slots. */
struct pf_cpu {
  __u64 failed;
  __u64 retried;
  __u64 silent;
  __u64 pad[5];
  struct pf_sum fixed[PF_SLOT_FILES];
};

/* Places for threads that are in a fault. */
#define PF_PLACES_BITS 14
#define PF_PLACES (1 << PF_PLACES_BITS)

/* The slot in a word of pf_stashed, which is 0 where nobody is in a fault. It
 * is cleared after the fault was counted, so that who reads it first and counts
 * then has all of a slot that it did not find. */
#define PF_STASHED_SLOT_SHIFT 1
#define PF_STASHED_BITS 22
#define PF_STASHED_SLOT(word)                                                  \
  ((__u32)((word) & ((1U << PF_STASHED_BITS) - 1)) >> PF_STASHED_SLOT_SHIFT)

/* Elements of pf_front, as a power of two: twice as many as files by default.
 */
#define PF_FRONT_BITS 14

/* Lines of files: for so many at a time on each CPU, where there are no more
 * CPUs than that. */
#define PF_LINE_BITS 8
#define PF_LINES (1 << PF_LINE_BITS)
#define PF_LINE_CPUS 64

/* One element of pf_lines: [cpu][hash of the key]. Programs take it when it is
 * free, `holder` last. User space closes it: clears key.dev, so that no file
 * has it; and in a later read takes the count and clears `holder`. */
struct pf_line {
  struct pf_key key;
  __u64 holder; /* slot, and in the highest byte its owner; 0: free */
  __u32 minor;  /* not in pf_counts; wraps as those do */
  __u32 seen;   /* by user space, at the last read */
};
#define PF_LINE_OWNER_SHIFT 56
#define PF_LINE_SLOT(holder) ((__u32)(holder))

/* The head of a record of pf_names. `size` bytes follow: the path components of
 * the slot's owner, leaf first, each NUL-terminated. */
#define PF_NAME_COMPONENTS_MAX 8192
struct pf_name {
  __u32 slot;
  __u32 owner;
  __u32 size;
  __u32 cut; /* the walk ended before the root */
};

/* What programs could not do; one writer or atomic. */
struct pf_stats {
  __u64 untracked;  /* faults of files without a slot, in PF_SLOT_OTHER */
  __u64 stash_lost; /* faults whose file was not kept, in UNATTRIBUTED */
  __u64 names_lost; /* attempts to name a file that failed; tried again */
};

/* In its own section, at its start, where user space finds it. */
#define PF_STATS_SECTION ".data.stats"

/* Constant set before load; the same for it. */
struct pf_config {
  __u32 slots_max; /* elements of pf_slots, fixed ones included */
};
#define PF_CONFIG_SECTION ".rodata.config"

_Static_assert(sizeof(struct pf_key) == 16, "no padding in a hash key");
_Static_assert(sizeof(struct pf_slot) == 24, "layout shared with user space");
_Static_assert(sizeof(struct pf_count) == 8, "layout shared with user space");
_Static_assert(sizeof(struct pf_cpu) == 192, "layout shared with user space");
_Static_assert(sizeof(struct pf_line) == 32, "two in a cache line");
_Static_assert(sizeof(struct pf_name) == 16, "layout shared with user space");

#endif
