/* SPDX-License-Identifier: MIT */
/* The full-screen view on a terminal. */
#ifndef BPFMEM_TOP_SCREEN_H
#define BPFMEM_TOP_SCREEN_H

#include "kernel/log.h"
#include "options.h"
#include "view.h"

/* Whether there is a terminal, and one on which the view can be drawn. */
bool screen_is_possible(void);

/* Shows the views, some of which may be NULL, until a key, a signal or the
 * count ends it. Then restores the terminal. 0 or -errno. Messages of the log
 * must meanwhile go to screen_note(). */
int screen_run(const struct options *options, struct view *const *views);

/* Shows a message; false when there is no screen now. */
bool screen_note(const char *text);

#endif
