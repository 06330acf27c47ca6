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

/* Returns 0, -ENOMEM, or -EINVAL with the reason in `text` (a bad expression,
 * an empty pattern). Returns 1, with a warning in `text`, if the pattern was
 * added but hardly does what was meant (a shell's pattern, no path, Perl's \d).
 * The pattern is copied. */
int filter_add(struct filter *filter, enum filter_names names,
               const char *pattern, char *text, size_t size);

/* false (default): accepts what matches. true: accepts all but what matches. */
void filter_set_ignore_selected(struct filter *filter, bool ignore_selected);

/* Whether the filter accepts only names that are listed. NULL: no. */
bool filter_selects(const struct filter *filter);

/* `name` is the raw kernel name. A NULL filter accepts everything. */
bool filter_accepts(struct filter *filter, const char *name);

/* Calls `tell` for each pattern that no name has matched so far, with the text
 * that was given to filter_add(). */
void filter_unmatched(const struct filter *filter,
                      void (*tell)(void *arg, const char *pattern), void *arg);

#endif
