/* SPDX-License-Identifier: MIT */
/* What the core needs of a probe; implemented by each probe and by tests. */
#ifndef BPFMEM_CORE_SOURCE_H
#define BPFMEM_CORE_SOURCE_H

#include "core/row.h"

#include <stdbool.h>

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
  uint64_t events[ROW_EVENT_COUNT]; /* since the probe started; never lower */
  uint32_t event_size; /* bytes per event, 0 where it has no size */
};

/* One figure of a probe about itself. */
struct source_stat {
  const char *name; /* [a-z0-9_]+, static storage */
  bool cumulative;  /* true: DERIVE, false: GAUGE */
  double value;
};

typedef void source_take_row(void *arg, const struct source_row *row);
typedef void source_take_stat(void *arg, const struct source_stat *stat);

struct source {
  void *ctx;
  unsigned slots_max;
  /* Calls `take` once for each slot that has an owner. 0 or -errno. */
  int (*harvest)(void *ctx, source_take_row *take, void *arg);
  /* Calls `take` once for each statistic, always the same ones. */
  void (*stats)(void *ctx, source_take_stat *take, void *arg);
};

#endif
