/* SPDX-License-Identifier: MIT */
/* Files that are one series: lists of expressions, each with the name that a
 * path gets which matches it. Those of the user are asked before those that
 * every host has (groups_stock.c); the first that matches decides. */
#ifndef BPFMEM_CORE_GROUPS_H
#define BPFMEM_CORE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a name. What is longer, from paths of several pages, is cut. */
#define GROUPS_NAME_SIZE 8192

struct groups;

/* With the stock groups, in use. The caller owns it. NULL when memory is short.
 */
struct groups *groups_new(void);
void groups_free(struct groups *groups);

/* Adds a group behind those that were added before. `pattern` is an expression
 * between slashes; $1 to $9 in `name` stand for what its parts in parentheses
 * matched. Both are copied. Returns as filter_add() does: 0, -ENOMEM, -EINVAL
 * with a sentence in `text`, or 1 with a warning there. */
int groups_add(struct groups *groups, const char *pattern, const char *name,
               char *text, size_t size);

void groups_use_stock(struct groups *groups, bool use);

/* Whether the path is in a group, and the name of that: for label_make(), which
 * makes it printable. It starts with no '/' and no '.', as each path does, so
 * that no name is also a path. NULL groups have no members. */
bool groups_name(struct groups *groups, const char *path, char *ret_name,
                 size_t size);

/* Whether the label could be one of a group's, whatever stands for $1 to $9: no
 * file that is in no group may have it. */
bool groups_claim(const struct groups *groups, const char *label);

/* Calls `tell` for the pattern of each group that was added and has no member
 * so far. */
void groups_unmatched(const struct groups *groups,
                      void (*tell)(void *arg, const char *pattern), void *arg);

/* The classes of faults, sorted, NULL at the end: rows that are no files. */
extern const char *const groups_classes[];

/* What is noise on every host; `name` NULL is the end. */
struct groups_stock {
  const char *pattern, *name;
};
extern const struct groups_stock groups_stock[];

#endif
