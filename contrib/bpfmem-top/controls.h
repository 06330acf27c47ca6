/* SPDX-License-Identifier: MIT */
/* What the user of the full-screen view has chosen by keys. It draws nothing.
 */
#ifndef BPFMEM_TOP_CONTROLS_H
#define BPFMEM_TOP_CONTROLS_H

#include "lines.h"
#include "options.h"

struct controls {
  bool available[PROBE_COUNT]; /* the probes that run */
  bool shown[PROBE_COUNT];
  enum probe_id focus; /* whose sort < and > change; is shown */
  enum column sort[PROBE_COUNT];
  enum line_form form;
  uint64_t interval_ns;
  bool pauses, helps, quits;
  bool hurries; /* reads at once */
  bool edits;   /* the filter: keys are characters */
  char filter[OPTIONS_FILTER_SIZE], before[OPTIONS_FILTER_SIZE];
  regex_t regex;
  bool is_filtered;
  char message[256]; /* empty: none */
};

/* Takes over what the command line has chosen. Call controls_fini() afterwards.
 */
void controls_init(struct controls *controls, const struct options *options,
                   const bool available[PROBE_COUNT]);
void controls_fini(struct controls *controls);

/* Handles a key of getch() of ncurses. */
void controls_key(struct controls *controls, int key);

/* NULL: all rows. */
const regex_t *controls_filter(const struct controls *controls);

#endif
