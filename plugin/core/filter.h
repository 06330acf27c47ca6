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

/* 0, -ENOMEM, or -EINVAL with the reason in `err` (a bad expression, an empty
 * pattern). The pattern is copied. */
int filter_add(struct filter *filter, const char *pattern, char *err,
               size_t err_size);

/* false (default): accept what matches; true: accept all but what matches. */
void filter_set_ignore_selected(struct filter *filter, bool ignore_selected);

/* `name` is the raw kernel name. A NULL filter accepts everything. */
bool filter_accepts(const struct filter *filter, const char *name);

#endif
