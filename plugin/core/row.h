/* SPDX-License-Identifier: MIT */
/* What flows from a probe to a sink: named, cumulative counts. */
#ifndef BPFMEM_CORE_ROW_H
#define BPFMEM_CORE_ROW_H

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

/* Events, and bytes where an event has a size (slab objects). */
struct row_counts {
  uint64_t events[ROW_EVENT_COUNT];
  uint64_t bytes[ROW_EVENT_COUNT];
};

static inline void row_counts_add(struct row_counts *sum,
                                  const struct row_counts *more) {
  for (int i = 0; i < ROW_EVENT_COUNT; i++) {
    sum->events[i] += more->events[i];
    sum->bytes[i] += more->bytes[i];
  }
}

static inline void row_counts_subtract(struct row_counts *sum,
                                       const struct row_counts *less) {
  for (int i = 0; i < ROW_EVENT_COUNT; i++) {
    sum->events[i] -= less->events[i];
    sum->bytes[i] -= less->bytes[i];
  }
}

static inline uint64_t row_counts_events(const struct row_counts *counts) {
  return counts->events[ROW_FIRST] + counts->events[ROW_SECOND];
}

/* What a name stands for. A class (anon, heap, other, ...) is always
 * published and never ranked; an entity competes for the top N. */
enum row_kind { ROW_ENTITY, ROW_CLASS };

#endif
