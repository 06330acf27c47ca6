/* SPDX-License-Identifier: MIT */
/* Slab caches that the kernel has merged: one cache, of several names. */
#ifndef BPFMEM_TOP_ALIASES_H
#define BPFMEM_TOP_ALIASES_H

#include <stddef.h>

/* Where the kernel tells: merged caches are links to the same directory. */
#define ALIASES_DIR "/sys/kernel/slab"

struct aliases;

/* NULL when `dir` tells nothing; then nothing has an alias. */
struct aliases *aliases_load(const char *dir);
void aliases_free(struct aliases *aliases);

/* Writes the name, and when others share its cache: "name (+3: a, b, ...)". Of
 * those, as many are written whole as fit. */
void aliases_describe(const struct aliases *aliases, const char *name,
                      char *text, size_t size);

#endif
