/* SPDX-License-Identifier: MIT */
/* Raw kernel name -> printable, stable identifier; see the rule in label.c.
 * A label is a function of the name alone: equal on all hosts and restarts. */
#ifndef BPFMEM_CORE_LABEL_H
#define BPFMEM_CORE_LABEL_H

#include <stdbool.h>

/* 127 bytes and NUL: collectd's DATA_MAX_NAME_LEN (src/daemon/globals.h). */
#define LABEL_SIZE 128

/* Whether no file or cache may have the label: it is one of the `reserved`
 * words (classes; NULL ends them), or that of "/". */
bool label_is_reserved(const char *label, const char *const *reserved);

/* Writes the label of a name: of a file's path or a cache's name. It has only
 * ASCII [A-Za-z0-9._+~@-], and is never empty. If it would be reserved, it has
 * the name's hash, too. */
void label_make(const char *name, const char *const *reserved,
                char label[static LABEL_SIZE]);

/* The label with a hash, for a path whose label without one belongs to another.
 */
void label_make_hashed(const char *name, char label[static LABEL_SIZE]);

#endif
