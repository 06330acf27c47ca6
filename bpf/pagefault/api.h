/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The contract between bpf/pagefault and plugin/pagefault.
 *
 * A slot is an index into three arrays: pf_slots (its owner), pf_stalled (ns
 * that threads waited) and, for each CPU, pf_counts (its faults). The fixed
 * slots count in pf_cpus instead. Counters only grow; user space never clears
 * them. */
#ifndef BPFMEM_PAGEFAULT_API_H
#define BPFMEM_PAGEFAULT_API_H

#ifdef __bpf__
#include "vmlinux_min.h"
#else
#include <linux/types.h>
#endif

/* Fixed slots: memory that is no file of its own. Files start at PF_SLOT_FILES.
 */
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

/* Room for the fixed slots. It is a power of two: the verifier follows an index
 * through a mask, but not through a remainder. */
#define PF_FIXED_PLACES 8

/* Identity of a file. The device number is not part of it: a file system that
 * is mounted later may get the number of one that is gone, as with loop devices
 * and FUSE. Two file systems that are mounted one after the other nearly always
 * differ in the address of the super block or of its root directory.
 * pf_slot.instance tells the others apart. The generation tells a reused inode
 * number from the file that had it. */
struct pf_key {
  __u64 ino;
  __u64 super; /* address of the super block, or enum pf_super */
  __u32 generation;
  __u32 root; /* lower half of the address of the root directory */
};

/* Values of pf_key.super in a slot: the slot has no file, or a program is about
 * to write the key; the file's file system is gone. */
enum pf_super { PF_SUPER_NONE, PF_SUPER_GONE };

/* How sure a slot's name is. */
enum pf_naming {
  PF_UNNAMED = 0,
  PF_PROVISIONAL, /* by a mount of a user namespace, which any user can make */
  PF_NAME_LOST,   /* the first was by another mount; pf_names had no room */
  PF_NAMED,
};

/* One element of pf_slots. `owner` counts the owners that the slot has had, so
 * that user space sees a change; 0: none yet. PF_RETIRE clears the key. A
 * program writes PF_SUPER_GONE there when the file system of the file is gone.
 */
struct pf_slot {
  struct pf_key key;
  __u32 owner;
  __u32 naming;   /* enum pf_naming */
  __u32 instance; /* of the file system, see file_instance() */
  __u32 checked;  /* pf_read.number at the last look, or enum pf_check */
  __u32 inode;    /* lower half of the inode's address at that look */
  __u32 pad;
};

/* What user space has pf_change_slots do: offer free slots to files, or take a
 * slot from its file. */
enum pf_change { PF_OFFER, PF_RETIRE };

/* Values of pf_slot.checked: no look yet; a look with each fault; the number of
 * the first read. */
enum pf_check { PF_UNCHECKED, PF_CHECK_ALWAYS, PF_READ_FIRST };

/* User space counts its reads here. The first fault of a file after each read
 * checks that its file system is the same, and sends its name if it has none.
 * This is in a section of its own. */
struct pf_read {
  __u32 number;
};
#define PF_READ_SECTION ".data.read"

/* One element of pf_counts, for a file: [cpu * slots_max + slot]. It has 8
 * bytes, so 8192 files take 64 KiB per CPU. The counters wrap. User space adds
 * their growth since the last read, which is less than 2^32. */
struct pf_count {
  __u32 minor;
  __u32 major;
};

/* The same for a fixed slot, which may have the faults of all processes. */
struct pf_sum {
  __u64 minor;
  __u64 major;
};

/* One element of pf_cpus, by CPU, in whole cache lines. It counts the calls of
 * handle_mm_fault() that are no fault (failed, retried), the faults without
 * registers, which raised no perf event (silent), and the faults of fixed
 * slots. */
struct pf_cpu {
  __u64 failed;
  __u64 retried;
  struct pf_sum silent;
  __u64 pad[4];
  struct pf_sum fixed[PF_FIXED_PLACES];
};

/* The number of elements of pf_front, as a power of two: twice the default
 * number of files. */
#define PF_FRONT_BITS 14

/* The head of a record of pf_names. `size` bytes follow it: the path components
 * of the slot's owner, leaf first, each NUL-terminated. */
#define PF_NAME_COMPONENTS_MAX 8192
#define PF_NAMES_SIZE (512 * 1024)
struct pf_name {
  __u32 slot;
  __u32 owner;
  __u32 size;
  __u16 cut;    /* the walk ended before the root */
  __u16 naming; /* enum pf_naming */
};

/* Stalls are counted in buckets by their time. The bound of each bucket is four
 * times that of the bucket before; the last one has none. */
#define PF_STALL_BUCKETS 8
#define PF_STALL_SHORT_NS 64000

/* Stalls, and what programs could not do. Programs add to these atomically. */
struct pf_stats {
  __u64 untracked;  /* faults of files without a slot, in PF_SLOT_OTHER */
  __u64 unfound;    /* faults whose mapping was gone, in UNATTRIBUTED */
  __u64 names_lost; /* attempts to name a file that failed; tried again */
  __u64 beyond;     /* faults on CPUs for which there are no counters */
  __u64 slots_lost; /* slots that could not be put back into pf_free */
  __u64 stalls[PF_STALL_BUCKETS];
  __u64 stalls_unstarted; /* major faults of files whose start was not noted */
  __u64 stalls_unended;   /* noted starts of faults that came to no end */
};

/* In a section of its own, at its start: there user space finds it. */
#define PF_STATS_SECTION ".data.stats"

/* A constant that user space sets before load, in a section of its own, too. */
struct pf_config {
  __u32 slots_max; /* elements of pf_slots, fixed ones included */
  __u32 stalls;    /* whether programs note the starts of faults */
  __u32 own_btf;   /* BTF is the kernel's own, which typed pointers need */
  __u32 page_shift;
};
#define PF_CONFIG_SECTION ".rodata.config"

_Static_assert(sizeof(struct pf_key) == 24, "no padding in a hash key");
_Static_assert(sizeof(struct pf_slot) == 48, "layout shared with user space");
_Static_assert(sizeof(struct pf_count) == 8, "layout shared with user space");
_Static_assert(sizeof(struct pf_cpu) % 64 == 0, "whole cache lines");
_Static_assert(PF_SLOT_FILES <= PF_FIXED_PLACES &&
                   !(PF_FIXED_PLACES & (PF_FIXED_PLACES - 1)),
               "room for all fixed slots, and a mask");
_Static_assert(sizeof(struct pf_name) == 16, "layout shared with user space");

#endif
