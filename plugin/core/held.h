/* SPDX-License-Identifier: MIT */
/* What the kernel holds under a name in each read. It tells whether the name
 * grows, and which events were not counted. */
#ifndef BPFMEM_CORE_HELD_H
#define BPFMEM_CORE_HELD_H

#include "core/source.h"

#include <stdbool.h>
#include <stdint.h>

#define HELD_RECENT 3

/* All zero at first. */
struct held {
  struct source_held now; /* as of the read `read`; sums; without a name */
  uint32_t read;
  uint64_t start_bytes; /* bytes held in read 1; 0 for a name that came later */
  /* Private: of the reads before. */
  unsigned reads, changes;
  uint64_t recent[HELD_RECENT];
  double base;   /* bytes, with which the recent ones are compared */
  double steady; /* of the changes: -1, all fall, to 1, all rise */
  /* Private: objects in use when counting began; by kind of event, those
   * counted since, how many more there must have been, and how many more the
   * last read looked like. */
  bool counts, deduces; /* `deduces` is the sampler's */
  uint64_t start, counted[ROW_EVENT_COUNT], rest[ROW_EVENT_COUNT];
  int64_t lack[ROW_EVENT_COUNT];
};

/* Adds what one source of the name holds in the read `read`. A name may have
 * several sources. Numbers of successive reads differ. */
void held_add(struct held *held, uint32_t read, const struct source_held *more);

/* Takes the events that were counted in a read. Tells how many more there were
 * that nothing counted: an allocated object that is not in use was freed, and
 * an object in use was allocated. It tells none until the difference exceeds
 * source_held.slack, so that nothing is added to counts that are complete. It
 * tells the first ones only after two reads have shown them. `is_told`:
 * held_add() was called in this read. */
void held_count(struct held *held, bool is_told,
                const uint64_t events[ROW_EVENT_COUNT],
                uint64_t ret_more[ROW_EVENT_COUNT]);

/* Whether held_add() was called in that read. */
bool held_is_of(const struct held *held, uint32_t read);

/* Bytes by which the name has grown steadily, up to the read before; 0 or more.
 * It is 0 for a name that goes up and down, and for one that has grown once. */
double held_growth(const struct held *held);

#endif
