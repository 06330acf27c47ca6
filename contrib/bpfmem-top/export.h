/* SPDX-License-Identifier: MIT */
/* One interval for other programs: a line of JSON, or lines of CSV. Counts are
 * exact. Keys and columns are those of bpfmem-top(8), and never change. */
#ifndef BPFMEM_TOP_EXPORT_H
#define BPFMEM_TOP_EXPORT_H

#include "rows.h"

#include <stdio.h>
#include <time.h>

struct export_table {
  const struct reading *reading; /* NULL: not shown */
  const struct rows *rows;
};

struct export_interval {
  time_t time;
  const char *host;
  unsigned rows_max; /* of each table */
  struct export_table tables[PROBE_COUNT];
};

/* 0 or -ENOMEM. The state of `out` tells whether writing failed. */
int export_json(FILE *out, const struct export_interval *export);
void export_csv_head(FILE *out);
void export_csv(FILE *out, const struct export_interval *export);

#endif
