/* SPDX-License-Identifier: MIT */
/* One interval of one probe as text. */
#ifndef BPFMEM_TOP_TABLE_H
#define BPFMEM_TOP_TABLE_H

#include "lines.h"

#include <stdio.h>

/* Columns of a line if there is no terminal. */
#define TABLE_WIDTH_DEFAULT 80

/* Columns of the terminal `fd`, or TABLE_WIDTH_DEFAULT if it is no terminal. */
unsigned table_width(int fd);

/* Prints date, time, host and interval. */
void table_print_time(FILE *out, const char *host, enum line_form form,
                      double seconds, unsigned width);

enum table_line {
  TABLE_HEAD,
  TABLE_ROW,
  TABLE_HURTS, /* a row that waits for the disk, or grows */
  TABLE_OTHER,
  TABLE_TOTAL
};

typedef void table_put(void *arg, enum table_line kind, const char *line);

/* Tells a head, at most rows_max rows, "other" for the rest, and the total. */
void table_tell(const struct lines *lines, const struct reading *reading,
                const struct rows *rows, unsigned rows_max, table_put *put,
                void *arg);
/* Prints the same, line by line. */
void table_print(FILE *out, const struct lines *lines,
                 const struct reading *reading, const struct rows *rows,
                 unsigned rows_max);

#endif
