/* SPDX-License-Identifier: MIT */
/* What the kernel holds under a name, read by read: whether it grows, and what
 * that tells of events that were not counted. */
#ifndef BPFMEM_CORE_HELD_H
#define BPFMEM_CORE_HELD_H

#include "core/source.h"

#include <stdbool.h>
#include <stdint.h>

#define HELD_RECENT 3

/* Zero is its start. */
struct held {
  struct source_held now; /* as of the read `read`; sums; without a name */
  uint32_t read;
  uint64_t start_bytes; /* held in read 1; 0 for what came later */
  /* Private: of the reads before. */
  unsigned reads, changes;
  uint64_t recent[HELD_RECENT];
  double base;   /* bytes, what the recent ones are compared with */
  double steady; /* of the changes: -1, all fall, to 1, all rise */
  /* Private: objects in use when counting began; by kind of event, those
   * counted since, how many more there must have been, and how many more the
   * last read looked like. */
  bool counts, deduces; /* the latter is the sampler's */
  uint64_t start, counted[ROW_EVENT_COUNT], rest[ROW_EVENT_COUNT];
  int64_t lack[ROW_EVENT_COUNT];
};

/* Adds what one of several sources of the name holds in this read, whose number
 * is not that of the read before. */
void held_add(struct held *held, uint32_t read, const struct source_held *more);

/* Takes the events of a read, and tells how many more there were that nothing
 * counted: allocated objects that are not in use were freed, and the other way
 * round. None until the difference is more than source_held.slack, so that what
 * is counted wholly stays so; the first ones only when two reads show them.
 * `is_told`: held_add() was called in this read. */
void held_count(struct held *held, bool is_told,
                const uint64_t events[ROW_EVENT_COUNT],
                uint64_t ret_more[ROW_EVENT_COUNT]);

/* Whether it was told in that read. */
bool held_is_of(const struct held *held, uint32_t read);

/* Bytes by which it has grown, up to the read before, if it does so steadily: a
 * name that breathes has none, nor one that has grown once. 0 or more. */
double held_growth(const struct held *held);

#endif
