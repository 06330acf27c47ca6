/* SPDX-License-Identifier: MIT */
/* The full-screen view on a terminal. */
#ifndef BPFMEM_TOP_SCREEN_H
#define BPFMEM_TOP_SCREEN_H

#include "kernel/log.h"
#include "options.h"
#include "view.h"

/* Whether the terminal is one, and one that can be drawn on. */
bool screen_is_possible(void);

/* Shows the views, of which some may be NULL, until a key, a signal or the
 * count ends it; the terminal is as before then. 0 or -errno. What the log is
 * told meanwhile must come to screen_note(). */
int screen_run(const struct options *options, struct view *const *views);

/* Shows a message; false when there is no screen now. */
bool screen_note(const char *text);

#endif
