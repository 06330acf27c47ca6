/* SPDX-License-Identifier: MIT */
/* The expressions that options take: between slashes, as in collectd's other
 * plugins. */
#ifndef BPFMEM_CORE_PATTERN_H
#define BPFMEM_CORE_PATTERN_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether the text starts and ends with '/' and is longer than two characters.
 * This is the daemon's rule: "/" and "//" are names. */
bool pattern_is_regex(const char *text);

/* Compiles what stands between the slashes, as an extended expression; `flags`
 * are those of regcomp(). 0, -ENOMEM, or -EINVAL with the reason in `err`. */
int pattern_compile(const char *text, int flags, regex_t *ret_regex, char *err,
                    size_t err_size);

/* 1 and a warning in `text` if an expression hardly does what was meant, as
 * Perl's \d; or 0. */
int pattern_doubt(const char *pattern, char *text, size_t size);

#endif
