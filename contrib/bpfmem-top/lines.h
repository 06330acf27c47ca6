/* SPDX-License-Identifier: MIT */
/* A row's figures and name as a line of text that fits. */
#ifndef BPFMEM_TOP_LINES_H
#define BPFMEM_TOP_LINES_H

#include "rows.h"

#define LINE_SIZE 1024
/* Room for two figures and enough of a name to know it by. */
#define LINE_WIDTH_MIN 40

enum line_form {
  LINE_RATES,  /* per second, "12.3k" */
  LINE_TOTALS, /* since start, "12.3k" */
  LINE_EXACT   /* of the interval, each digit */
};

struct lines {
  enum probe_id probe;
  enum line_form form;
  double seconds; /* of the interval */
  unsigned width; /* columns */
};

/* Columns of the terminal that are left for the name. */
unsigned lines_room(const struct lines *lines);
/* Where a column begins and ends in each line; false where there is no room for
 * it. */
bool lines_place(const struct lines *lines, enum column column,
                 unsigned *ret_start, unsigned *ret_end);
void lines_head(const struct lines *lines, char line[static LINE_SIZE]);
/* Writes a row. The name is made printable and cut. */
void lines_row(const struct lines *lines, const struct figures *figures,
               const char *name, char line[static LINE_SIZE]);

/* At most 7 characters: three digits that count and a unit. */
void lines_number(double number, char *text, size_t size);
/* "41.2ms", "1.20s" */
void lines_time(double ns, char *text, size_t size);
void lines_bytes(int64_t bytes, bool sign, char *text, size_t size);

#endif
