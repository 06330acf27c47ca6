/* SPDX-License-Identifier: MIT */
/* What the keys of the full-screen view have chosen. Draws nothing. */
#ifndef BPFMEM_TOP_CONTROLS_H
#define BPFMEM_TOP_CONTROLS_H

#include "lines.h"
#include "options.h"

struct controls {
  bool available[PROBE_COUNT]; /* those that count */
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

/* What the command line has chosen. controls_fini() then. */
void controls_init(struct controls *controls, const struct options *options,
                   const bool available[PROBE_COUNT]);
void controls_fini(struct controls *controls);

/* A key as getch() of ncurses has it. */
void controls_key(struct controls *controls, int key);

/* NULL: all rows. */
const regex_t *controls_filter(const struct controls *controls);

#endif
