/* SPDX-License-Identifier: MIT */
/* A name for a terminal. */
#ifndef BPFMEM_TOP_DISPLAY_H
#define BPFMEM_TOP_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>

/* Cuts the name in front ("...tail") to fit `size` - 1 bytes. It never cuts
 * within a character of UTF-8. */
void display_cut(const char *name, char *out, size_t size);

/* Does the same, and replaces every byte that is not printable ASCII by '?'. */
void display_printable(const char *name, char *out, size_t size);

#endif
