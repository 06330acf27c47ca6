/* SPDX-License-Identifier: MIT */
/* Candidate hooks per event, best first, and the choice among them.
 * `hook_exists` tells what the kernel offers, so that tests can answer instead.
 */
#ifndef BPFMEM_KERNEL_HOOK_H
#define BPFMEM_KERNEL_HOOK_H

#include "core/settings.h"

#include <stdbool.h>

enum hook_need_kind {
  HOOK_NEEDS_NOTHING,
  HOOK_NEEDS_FUNCTION,   /* a kernel function in BTF, attachable by fentry */
  HOOK_NEEDS_KPROBE,     /* a kernel function, attachable by perf's kprobes */
  HOOK_NEEDS_FPROBE,     /* a kernel function, attachable by kprobe.multi */
  HOOK_NEEDS_TRACEPOINT, /* a tracepoint by name */
  HOOK_NEEDS_CACHE_ARG,  /* a tracepoint that passes a struct kmem_cache */
  HOOK_NEEDS_KFUNC,      /* a kernel function that BPF may call */
  HOOK_NEEDS_CODE,       /* a kernel function, in whatever BTF is read */
  HOOK_NEEDS_SYMBOL,     /* a variable in kallsyms */
  HOOK_NEEDS_FIELD,      /* a field of a struct, as "page.compound_head" */
  HOOK_NEEDS_VALUE,      /* of an enum, as "fault_flag.FAULT_FLAG_TRIED" */
  HOOK_NEEDS_PREEMPTION, /* the kernel may preempt a BPF program */
  HOOK_NEEDS_NO_PREEMPTION,
  HOOK_NEEDS_PREEMPTION_AT, /* also inside one at a raw tracepoint */
  HOOK_NEEDS_EVENT, /* an event that tracefs has, as "kmem/kmem_cache_free" */
  HOOK_NEEDS_COUNT
};

struct hook_need {
  enum hook_need_kind kind;
  const char *name;
};

#define HOOK_NEEDS_MAX 5
#define HOOK_PROGRAMS_MAX 4
#define HOOK_FUNCTIONS_MAX 2

struct hook_candidate {
  enum settings_hooks kind;
  const char *programs[HOOK_PROGRAMS_MAX]; /* BPF programs to load */
  /* What each is at: a function, a raw tracepoint, or an event of tracefs;
   * NULL: as compiled. A program may be at several. */
  const char *targets[HOOK_PROGRAMS_MAX];
  bool in_part; /* some of the events bypass it */
  struct hook_need needs[HOOK_NEEDS_MAX];
};

struct hook_event {
  const char *name; /* for people: "page fault", "kfree_rcu by sheaf" */
  /* Tracepoints are the base of this event, whatever `Hooks` asks for. */
  bool always_tracepoint;
  /* Option `Hooks` does not apply to this event, and no statistic tells its
   * hook. */
  bool is_free;
  /* The kernel functions that the event is about, under any of their names; a
   * kernel that has none of them has no such event. None given: it always has.
   */
  const char *functions[HOOK_FUNCTIONS_MAX];
  unsigned count;
  const struct hook_candidate *candidates;
};

/* Whether the running kernel has what is needed. */
typedef bool hook_exists(void *ctx, const struct hook_need *need);

/* Whether option `Hooks` lets the candidate be used for the event. */
bool hook_is_wanted(const struct hook_event *event,
                    const struct hook_candidate *candidate,
                    enum settings_hooks wanted);

/* Whether the kernel has the event at all. */
bool hook_is_present(const struct hook_event *event, hook_exists *exists,
                     void *ctx);

/* Whether the candidate has a need of that kind. */
bool hook_needs(const struct hook_candidate *candidate,
                enum hook_need_kind kind);

/* The first need that is not met, or NULL when all are. */
const struct hook_need *hook_unmet(const struct hook_candidate *candidate,
                                   hook_exists *exists, void *ctx);

/* The index of the next usable candidate at or after `from`, or event->count
 * when there is none. */
unsigned hook_choose(const struct hook_event *event, unsigned from,
                     enum settings_hooks wanted, hook_exists *exists,
                     void *ctx);

/* "function", "kprobe", ...: what kind of thing is needed. */
const char *hook_need_name(enum hook_need_kind kind);

#endif
