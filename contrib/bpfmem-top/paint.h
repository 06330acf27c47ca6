/* SPDX-License-Identifier: MIT */
/* Draws one state of the full-screen view, by ncurses. */
#ifndef BPFMEM_TOP_PAINT_H
#define BPFMEM_TOP_PAINT_H

#include "controls.h"

struct paint {
  const char *host, *release; /* printable */
  const struct controls *controls;
  const struct reading *readings[PROBE_COUNT]; /* NULL: none yet */
  const struct rows *rows;                     /* of each reading */
  unsigned rows_max;
  bool colours;
};

/* Starts colours, unless NO_COLOR forbids them. True if there are colours. */
bool paint_init(void);
void paint_all(const struct paint *paint);

#endif
