/* SPDX-License-Identifier: MIT */
/* Slab caches that the kernel has merged: one cache with several names. */
#ifndef BPFMEM_TOP_ALIASES_H
#define BPFMEM_TOP_ALIASES_H

#include <stddef.h>

/* Here merged caches are links to the same directory. */
#define ALIASES_DIR "/sys/kernel/slab"

struct aliases;

/* NULL when `dir` tells nothing; then no cache has an alias. */
struct aliases *aliases_load(const char *dir);
void aliases_free(struct aliases *aliases);

/* Writes the name and, if others share its cache, as many of them as fit whole:
 * "name (+3: a, b, ...)". */
void aliases_describe(const struct aliases *aliases, const char *name,
                      char *text, size_t size);

#endif
