/* SPDX-License-Identifier: MIT */
/* Files that share a series: lists of expressions, each with the name for the
 * paths that match it. The groups of the user come before those that every host
 * has (groups_stock.c). The first that matches decides. */
#ifndef BPFMEM_CORE_GROUPS_H
#define BPFMEM_CORE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a name. A longer one, from a path of several pages, is cut. */
#define GROUPS_NAME_SIZE 8192

struct groups;

/* The stock groups are in use at first. The caller owns the groups. NULL when
 * memory is short. */
struct groups *groups_new(void);
void groups_free(struct groups *groups);

/* Adds a group behind those that were added before. `pattern` is an expression
 * between slashes; $1 to $9 in `name` stand for what its parts in parentheses
 * matched. Both are copied. Returns as filter_add() does: 0, -ENOMEM, -EINVAL
 * with a sentence in `text`, or 1 with a warning there. */
int groups_add(struct groups *groups, const char *pattern, const char *name,
               char *text, size_t size);

void groups_use_stock(struct groups *groups, bool use);

/* Whether the path is in a group, and the name of that group, which
 * label_make() makes printable. The name starts with neither '/' nor '.'. Each
 * path starts with one of them, so no name is also a path. NULL groups have no
 * members. */
bool groups_name(struct groups *groups, const char *path, char *ret_name,
                 size_t size);

/* Whether the label could be that of a group, whatever $1 to $9 stand for. No
 * file outside of groups may have such a label. */
bool groups_claim(const struct groups *groups, const char *label);

/* Calls `tell` for the pattern of each group that was added and has no member
 * so far. */
void groups_unmatched(const struct groups *groups,
                      void (*tell)(void *arg, const char *pattern), void *arg);

/* The classes of faults, sorted, with NULL at the end. They are rows that are
 * no files. */
extern const char *const groups_classes[];

/* A group that is noise on every host. A NULL `name` ends the list. */
struct groups_stock {
  const char *pattern, *name;
};
extern const struct groups_stock groups_stock[];

#endif
