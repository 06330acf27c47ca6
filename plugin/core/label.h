/* SPDX-License-Identifier: MIT */
/* Raw kernel name -> printable, stable identifier; see the rule in label.c.
 * A label is a function of the name alone: equal on all hosts and restarts. */
#ifndef BPFMEM_CORE_LABEL_H
#define BPFMEM_CORE_LABEL_H

/* 127 bytes and NUL: collectd's DATA_MAX_NAME_LEN (src/daemon/globals.h). */
#define LABEL_SIZE 128

/* Writes the label of a name: a file's path or a cache's name. ASCII
 * [A-Za-z0-9._+~@-] only, never empty. A name whose label would equal one of
 * the NULL-terminated `reserved` words (classes) carries its hash too. */
void label_make(const char *name, const char *const *reserved,
                char label[static LABEL_SIZE]);

/* The label with a hash, for a path whose own one belongs to somebody else. */
void label_make_hashed(const char *name, char label[static LABEL_SIZE]);

#endif
