/* SPDX-License-Identifier: MIT */
/* One interval of one probe as text. */
#ifndef BPFMEM_TOP_TABLE_H
#define BPFMEM_TOP_TABLE_H

#include "view.h"

#include <stdio.h>

/* Columns of a line where there is no terminal. */
#define TABLE_WIDTH_DEFAULT 80

/* Columns of the terminal `fd`; TABLE_WIDTH_DEFAULT if it is none. */
unsigned table_width(int fd);

/* Header, at most rows_max rows, "other" for the rest, the total. No line is
 * wider than `width`: names are cut in front. */
void table_print(FILE *out, enum probe_id id, const struct view_rows *rows,
                 unsigned rows_max, unsigned width);

#endif
