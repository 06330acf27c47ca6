/* SPDX-License-Identifier: MIT */
/* One probe seen interval by interval: source -> tally -> rows. */
#ifndef BPFMEM_TOP_VIEW_H
#define BPFMEM_TOP_VIEW_H

#include "rows.h"

struct view;

/* Opens the probe. `kernel` may be forgotten afterwards, but `settings` must
 * live on. 0, or -errno after the probe has logged why. */
int view_open(enum probe_id id, const struct settings *settings,
              struct features *kernel, const struct log *log,
              struct view **ret_view);
/* Accepts NULL. */
void view_close(struct view *view);

/* The first interval begins here. Earlier events are in no reading. */
void view_start(struct view *view);

/* Takes what the kernel has for us, so that it has room again. It is in the
 * next reading. 0 or -errno. */
int view_gather(struct view *view);

/* Tells what was counted since the last reading. 0 or -errno; after an error
 * nothing is lost, as the next reading has it. The rows live until the next
 * reading. */
int view_read(struct view *view, struct reading *ret_reading);

#endif
