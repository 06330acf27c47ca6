/* SPDX-License-Identifier: MIT */
/* One probe seen interval by interval: source -> tally -> sorted rows. */
#ifndef BPFMEM_TOP_VIEW_H
#define BPFMEM_TOP_VIEW_H

#include "core/tally.h"
#include "probe.h"

#include <stdint.h>

struct view;

/* What was counted since the last reading. Only names with events, busiest
 * first, then by name; their `label` is the name to print, `delta` the count.
 */
struct view_rows {
  struct tally_entry *const *entries;
  unsigned count;
  uint64_t missed; /* events that the probe knows it did not count */
};

/* Opens the probe; `kernel` may be forgotten then, `settings` must live on. 0,
 * or -errno after the probe said why in the log. */
int view_open(enum probe_id id, const struct settings *settings,
              struct features *kernel, const struct log *log,
              struct view **ret_view);
/* Accepts NULL. */
void view_close(struct view *view);

/* 0 or -errno; after an error nothing is lost, the next reading has it. The
 * rows live until the next reading. */
int view_read(struct view *view, struct view_rows *ret_rows);

#endif
