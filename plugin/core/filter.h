/* SPDX-License-Identifier: MIT */
/* collectd's ignorelist semantics, which the daemon does not export.
 *
 * A pattern that starts and ends with '/' and is longer than two characters is
 * an unanchored POSIX extended regular expression (without the slashes); any
 * other must equal the whole name. An empty list accepts everything. */
#ifndef BPFMEM_CORE_FILTER_H
#define BPFMEM_CORE_FILTER_H

#include <stdbool.h>
#include <stddef.h>

struct filter;

/* The caller owns the filter. NULL when memory is short. */
struct filter *filter_new(void);
void filter_free(struct filter *filter);

enum filter_names {
  FILTER_PATHS, /* absolute ones, or "...usr/lib/x" where a path was cut */
  FILTER_WORDS
};

/* 0, -ENOMEM, or -EINVAL with the reason in `text` (a bad expression, an empty
 * pattern). 1 when the pattern was added and is hardly what was meant (a
 * shell's pattern, no path, Perl's \d), with a warning in `text`. The pattern
 * is copied.
 */
int filter_add(struct filter *filter, enum filter_names names,
               const char *pattern, char *text, size_t size);

/* false (default): accept what matches; true: accept all but what matches. */
void filter_set_ignore_selected(struct filter *filter, bool ignore_selected);

/* Whether names are accepted because they are listed, and no others. NULL: no.
 */
bool filter_selects(const struct filter *filter);

/* `name` is the raw kernel name. A NULL filter accepts everything. */
bool filter_accepts(struct filter *filter, const char *name);

/* Calls `tell` for each pattern that no name has matched so far, as it was
 * added. */
void filter_unmatched(const struct filter *filter,
                      void (*tell)(void *arg, const char *pattern), void *arg);

#endif
