/* SPDX-License-Identifier: MIT */
/* One interval of all tables as text, in the format that was asked for. */
#ifndef BPFMEM_TOP_REPORT_H
#define BPFMEM_TOP_REPORT_H

#include "options.h"
#include "rows.h"

#include <stdio.h>

struct report {
  struct rows rows[PROBE_COUNT];
  bool began; /* what is printed only once has been printed */
};

/* Prints those readings that are not NULL. 0 or -ENOMEM. */
int report_print(struct report *report, FILE *out,
                 const struct options *options,
                 const struct reading *const readings[PROBE_COUNT]);
void report_fini(struct report *report);

#endif
