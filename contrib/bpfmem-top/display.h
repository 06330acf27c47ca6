/* SPDX-License-Identifier: MIT */
/* A name for a terminal. */
#ifndef BPFMEM_TOP_DISPLAY_H
#define BPFMEM_TOP_DISPLAY_H

#include <stddef.h>

/* The raw name with every byte that is not printable ASCII replaced by '?'. Cut
 * in front ("...tail") to fit `size` - 1 bytes. */
void display_printable(const char *name, char *out, size_t size);

#endif
