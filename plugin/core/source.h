/* SPDX-License-Identifier: MIT */
/* What the core needs of a probe: named, cumulative counts. Each probe
 * implements it, and so do tests. */
#ifndef BPFMEM_CORE_SOURCE_H
#define BPFMEM_CORE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two kinds of event per row: minor and major faults, or allocs and frees. */
enum row_event {
  ROW_FIRST = 0,
  ROW_MINOR = ROW_FIRST,
  ROW_ALLOC = ROW_FIRST,
  ROW_SECOND = 1,
  ROW_MAJOR = ROW_SECOND,
  ROW_FREE = ROW_SECOND,
  ROW_EVENT_COUNT
};

/* Counts of events; their bytes, where an event has a size (slab objects); and
 * the time that threads waited in them, where it is told (major faults). */
struct row_counts {
  uint64_t events[ROW_EVENT_COUNT];
  uint64_t bytes[ROW_EVENT_COUNT];
  uint64_t stalled_ns;
};

static inline void row_counts_add(struct row_counts *sum,
                                  const struct row_counts *more) {
  for (int i = 0; i < ROW_EVENT_COUNT; i++) {
    sum->events[i] += more->events[i];
    sum->bytes[i] += more->bytes[i];
  }
  sum->stalled_ns += more->stalled_ns;
}

static inline void row_counts_subtract(struct row_counts *sum,
                                       const struct row_counts *less) {
  for (int i = 0; i < ROW_EVENT_COUNT; i++) {
    sum->events[i] -= less->events[i];
    sum->bytes[i] -= less->bytes[i];
  }
  sum->stalled_ns -= less->stalled_ns;
}

static inline uint64_t row_counts_events(const struct row_counts *counts) {
  return counts->events[ROW_FIRST] + counts->events[ROW_SECOND];
}

/* What a name stands for. A class (anon, heap, other, ...) is always
 * published and never ranked; an entity competes for the top N. */
enum row_kind { ROW_ENTITY, ROW_CLASS };

/* One counter slot as it stands now. The strings belong to the source and
 * live until the next harvest. */
struct source_row {
  unsigned slot;  /* index below slots_max */
  uint32_t owner; /* changes when the slot gets another owner, never 0 */
  enum row_kind kind;
  /* Raw path, cache or class name, as the kernel has it. Who takes the row
   * keeps what it needs of it: a source may say "other" of an owner that it has
   * named in two harvests. */
  const char *name;
  uint64_t events[ROW_EVENT_COUNT]; /* since the probe started; never falls */
  uint64_t stalled_ns;              /* likewise; 0 where it is not told */
  uint32_t event_size; /* bytes per event, 0 where it has no size */
};

/* What the kernel holds now under a name. The kernel tells it; the source does
 * not count it. */
struct source_held {
  const char *name;        /* as in a row */
  uint64_t objects, bytes; /* in use; of memory */
  uint64_t slack;          /* objects that may be free and look in use */
  uint32_t object_size;    /* bytes */
};

/* One figure of a probe about itself. */
struct source_stat {
  const char *name; /* [a-z0-9_]+, static storage */
  bool cumulative;  /* true: DERIVE, false: GAUGE */
  double value;
};

typedef void source_take_row(void *arg, const struct source_row *row);
typedef void source_take_held(void *arg, const struct source_held *held);
typedef void source_take_stat(void *arg, const struct source_stat *stat);

struct source {
  void *ctx;
  unsigned slots_max;
  bool tells_stalled; /* rows have stalled_ns: entities and "other" */
  /* Calls `take` once for each slot that has an owner. 0 or -errno. */
  int (*harvest)(void *ctx, source_take_row *take, void *arg);
  /* Called after a harvest. Calls `take` for what is held under each name. A
   * name may come more than once, and may have no row. NULL: nothing is told.
   */
  void (*held)(void *ctx, source_take_held *take, void *arg);
  /* Called once for each label of which some events were not counted, but
   * deduced from what is held. NULL: nobody wants to know. */
  void (*deduces)(void *ctx, const char *label);
  /* Calls `take` once for each statistic, always the same ones. */
  void (*stats)(void *ctx, source_take_stat *take, void *arg);
};

#endif
