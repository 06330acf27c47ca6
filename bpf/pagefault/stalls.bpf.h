/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* How long threads wait in major faults of files.
 *
 * A fault calls filemap_fault() if its page is not mapped, neither by an
 * earlier fault nor with the pages around it. At the start of that function a
 * program notes the time. The fault may give up its locks to wait, and is then
 * tried again: the first note counts. The program that counts the fault as
 * major looks for the note. A fault that is served without filemap_fault()
 * costs nothing here.
 *
 * Notes are in sets of a few places. The address of the thread selects the set.
 * A note is left there when its fault ends. Its place is free as soon as the
 * thread has had another fault, or is gone. So a thread that still waits loses
 * its place only when all places of the set are of threads that wait. */
#ifndef BPFMEM_PAGEFAULT_STALLS_BPF_H
#define BPFMEM_PAGEFAULT_STALLS_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "atomic.bpf.h"
#include "pagefault/api.h"
#include "pagefault/counts.bpf.h"
#include "pagefault/files.bpf.h"

/* 256 KiB. If 2000 threads wait at a time, next to none has to give up its
 * place; of 4096 threads, one in 25 has to. */
#define STALL_SET_BITS 11
#define STALL_PLACES 4

/* The note of one fault. Threads may write to one place at the same time. The
 * seal, made of all that was noted, tells whether the note is whole. */
struct stall {
  u64 thread; /* address of its task_struct; 0: none */
  u64 began;  /* ns */
  u64 page;   /* see stall_page() */
  u64 seal;
};

/* include/linux/sched.h */
#define PF_EXITING 0x4

struct stall_set {
  struct stall places[STALL_PLACES];
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1 << STALL_SET_BITS);
  __type(key, u32);
  __type(value, struct stall_set);
} pf_stalls SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1); /* set before load */
  __type(key, u32);
  __type(value, u64);
} pf_stalled SEC(".maps");

/* A thread. Its start tells it from an earlier thread at the same address. The
 * kernel counts a fault at its end, before it runs the programs that count it.
 */
struct stall_thread {
  u64 address;
  u64 started;
  u64 faults;
};

/* Reads the thread at the address by copies. */
static __always_inline void stall_copy(struct stall_thread *thread) {
  struct task_struct *task = (void *)thread->address;

  thread->started = BPF_CORE_READ(task, start_time);
  thread->faults = BPF_CORE_READ(task, min_flt) + BPF_CORE_READ(task, maj_flt);
}

/* Reads the current task by plain loads where the kernel has that helper (5.11,
 * 3ca1032ab7ab). */
static __always_inline struct stall_thread stall_current(void) {
  struct stall_thread thread = {.address = bpf_get_current_task()};

  if (pf_config.own_btf &&
      bpf_core_enum_value_exists(enum bpf_func_id,
                                 BPF_FUNC_get_current_task_btf)) {
    struct task_struct *task = (void *)bpf_get_current_task_btf();

    thread.started = task->start_time;
    thread.faults = task->min_flt + task->maj_flt;
  } else {
    stall_copy(&thread);
  }
  return thread;
}

/* A number for a page of a file. It is the same for each attempt of a fault and
 * at its end. It tells the fault from an earlier one that was given up. */
static __always_inline u64 stall_page(u64 mapping, u64 index) {
  return mapping ^ index;
}

/* The verifier allows to compare the pointer, but not to compute with it. */
static __always_inline bool stall_is_of(const struct stall *stall,
                                        const struct address_space *mapping,
                                        u64 index) {
  u64 noted = stall->page ^ index;

  barrier_var(noted);
  return noted == (u64)mapping;
}

static __always_inline u64 stall_seal(const struct stall *stall,
                                      const struct stall_thread *thread) {
  return stall->thread ^ stall->began ^ stall->page ^ thread->started ^
         (thread->faults * SPREAD_FACTOR);
}

static __always_inline struct stall_set *
stall_set(const struct stall_thread *thread) {
  u32 set = (thread->address * SPREAD_FACTOR) >> (64 - STALL_SET_BITS);

  return bpf_map_lookup_elem(&pf_stalls, &set);
}

/* The thread's own place, or NULL. */
static __always_inline struct stall *
stall_find(struct stall_set *set, const struct stall_thread *thread) {
#pragma unroll
  for (int i = 0; i < STALL_PLACES; i++)
    if (set->places[i].thread == thread->address)
      return &set->places[i];
  return NULL;
}

/* Whether the note's thread is still in the same fault. The memory of a thread
 * that is gone is as it was at its exit, or belongs to others. */
static __always_inline bool stall_lasts(const struct stall *stall) {
  struct task_struct *task = (void *)stall->thread;
  struct stall_thread thread = {.address = stall->thread};

  if (!task || BPF_CORE_READ(task, flags) & PF_EXITING)
    return false;
  stall_copy(&thread);
  return stall->seal == stall_seal(stall, &thread);
}

/* Chooses a place for another thread: a free one, else that of the thread that
 * has waited longest. */
static __noinline u32 stall_choose(struct stall_set *set) {
  u64 oldest = ~0ULL;
  u32 chosen = 0;

  if (!set)
    return 0;
#pragma unroll
  for (u32 i = 0; i < STALL_PLACES; i++) {
    struct stall *stall = &set->places[i];

    if (!stall_lasts(stall))
      return i;
    if (stall->began < oldest) {
      oldest = stall->began;
      chosen = i;
    }
  }
  return chosen;
}

static __always_inline void stall_begin(u64 page) {
  struct stall_thread thread = stall_current();
  struct stall_set *set = stall_set(&thread);
  struct stall *stall;

  if (!set)
    return;
  stall = stall_find(set, &thread);
  if (!stall) {
    stall = &set->places[stall_choose(set) % STALL_PLACES];
  } else if (stall->seal == stall_seal(stall, &thread)) {
    if (stall->page == page)
      return; /* tried again */
    atomic_add(&pf_stats.stalls_unended, 1);
  }
  stall->thread = thread.address;
  stall->began = bpf_ktime_get_ns();
  stall->page = page;
  stall->seal = stall_seal(stall, &thread);
}

/* Which of pf_stats.stalls counts the time. */
static __always_inline u32 stall_bucket(u64 ns) {
  u64 bound = PF_STALL_SHORT_NS;
  u32 bucket = 0;

  while (bucket < PF_STALL_BUCKETS - 1 && ns >= bound) {
    bound *= 4;
    bucket++;
  }
  return bucket;
}

/* Called when a major fault of the slot was counted. Out of line, as it is
 * rare. */
static __noinline int stall_end(u32 slot, const struct address_space *mapping,
                                u64 index) {
  struct stall_thread thread = stall_current();
  struct stall_set *set = stall_set(&thread);
  struct stall *stall = set ? stall_find(set, &thread) : NULL;
  u64 *sum = bpf_map_lookup_elem(&pf_stalled, &slot);
  u64 ns;

  thread.faults--;
  if (!sum || !stall || !stall_is_of(stall, mapping, index) ||
      stall->seal != stall_seal(stall, &thread)) {
    atomic_add(&pf_stats.stalls_unstarted, 1);
    return 0;
  }
  ns = bpf_ktime_get_ns() - stall->began;
  atomic_add(sum, ns);
  atomic_add(&pf_stats.stalls[stall_bucket(ns) % PF_STALL_BUCKETS], 1);
  return 0;
}

#endif
