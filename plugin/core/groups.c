// SPDX-License-Identifier: MIT
/* Lists of expressions and the names that they give to paths. */
#include "core/groups.h"

#include "core/label.h"
#include "core/pattern.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define PARTS_MAX 9 /* $1 to $9 */

struct group {
  struct group *next;
  char *pattern; /* as given */
  char *name;    /* with $1 to $9 */
  bool matched;
  regex_t regex;
};

struct groups {
  struct group *own, *stock;
  bool use_stock;
};

static void group_free(struct group *group) {
  regfree(&group->regex);
  free(group->pattern);
  free(group->name);
  free(group);
}

static void list_free(struct group *list) {
  struct group *group, *next;

  LL_FOREACH_SAFE (list, group, next)
    group_free(group);
}

/* A new group takes over the compiled expression. NULL: no memory. */
static struct group *group_new(const char *pattern, const char *name,
                               const regex_t *regex) {
  struct group *group = calloc(1, sizeof(*group));

  if (!group)
    return NULL;
  group->regex = *regex;
  group->pattern = strdup(pattern);
  group->name = strdup(name);
  if (group->pattern && group->name)
    return group;
  group_free(group);
  return NULL;
}

/* The highest part that the name asks for. */
static unsigned parts_of(const char *name) {
  unsigned highest = 0;

  for (const char *c = strchr(name, '$'); c; c = strchr(c + 1, '$'))
    if ((unsigned)(c[1] - '0') > highest)
      highest = (unsigned)(c[1] - '0');
  return highest;
}

static int refuse_parts(const char *pattern, const char *name, size_t parts,
                        char *text, size_t size) {
  snprintf(text, size,
           "\"%.120s\" for \"%s\": $%u stands for a part in parentheses, of "
           "which the expression has %zu",
           pattern, name, parts_of(name), parts);
  return -EINVAL;
}

/* regcomp() is told whether the name has $1 to $9: to know what parts matched
 * takes longer. */
static int group_make(const char *pattern, const char *name,
                      struct group **ret_group, char *text, size_t size) {
  int flags = parts_of(name) ? 0 : REG_NOSUB;
  regex_t regex;
  int err = pattern_compile(pattern, flags, &regex, text, size);

  if (err)
    return err;
  if (parts_of(name) > regex.re_nsub) {
    err = refuse_parts(pattern, name, regex.re_nsub, text, size);
    regfree(&regex);
    return err;
  }
  *ret_group = group_new(pattern, name, &regex);
  return *ret_group ? 0 : -ENOMEM;
}

static int add_stock(struct groups *groups) {
  char text[256];

  for (const struct groups_stock *stock = groups_stock; stock->name; stock++) {
    struct group *group;
    int err =
        group_make(stock->pattern, stock->name, &group, text, sizeof(text));

    if (err)
      return err;
    LL_APPEND(groups->stock, group);
  }
  return 0;
}

struct groups *groups_new(void) {
  struct groups *groups = calloc(1, sizeof(*groups));

  if (!groups)
    return NULL;
  groups->use_stock = true;
  if (!add_stock(groups))
    return groups;
  groups_free(groups);
  return NULL;
}

void groups_free(struct groups *groups) {
  if (!groups)
    return;
  list_free(groups->own);
  list_free(groups->stock);
  free(groups);
}

void groups_use_stock(struct groups *groups, bool use) {
  groups->use_stock = use;
}

#define LITERALS                                                               \
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+~-"

static bool is_part(const char *name) {
  return name[0] == '$' && name[1] >= '1' && name[1] <= '9';
}

/* The first character that a name must not have; the end of the name if it has
 * none. */
static const char *odd_place(const char *name) {
  while (*name)
    if (is_part(name))
      name += 2;
    else if (strchr(LITERALS, *name))
      name++;
    else
      break;
  return name;
}

static const char *skip_parts(const char *name) {
  while (is_part(name))
    name += 2;
  return name;
}

const char *const groups_classes[] = {"anon",  "heap",         "hugetlb",
                                      "other", "shmem",        "special",
                                      "stack", "unattributed", NULL};

/* The rest of "is not the name of a group: ...", or NULL. append() drops a '/'
 * or '.' at the start, so a name may not start with one. */
static const char *fault_of(const char *name) {
  const char *first = skip_parts(name);
  size_t length = strlen(name);

  if (*odd_place(name))
    return "it has letters, digits, . _ + - ~ and $1 to $9, and nothing else";
  if (!*first)
    return "it needs a letter or a digit besides $1 to $9, as \"index-$1\"";
  if (*first == '.' || *first == '~')
    return "its first character is neither . nor ~";
  if (name[length - 1] == '.')
    return "it does not end in a dot";
  if (length >= LABEL_SIZE)
    return "it is longer than 127 bytes";
  if (label_is_reserved(name, groups_classes))
    return "it is that of a class, whose faults are no file's; choose another";
  return NULL;
}

static int check(const char *pattern, const char *name, char *text,
                 size_t size) {
  const char *fault = fault_of(name);

  if (!pattern_is_regex(pattern))
    snprintf(text, size,
             "\"%.120s\" is not an expression, which stands between slashes, "
             "as \"/^/srv/index-([0-9]+)/\"",
             pattern);
  else if (fault)
    snprintf(text, size, "\"%.120s\" is not the name of a group: %s", name,
             fault);
  else
    return 0;
  return -EINVAL;
}

int groups_add(struct groups *groups, const char *pattern, const char *name,
               char *text, size_t size) {
  struct group *group;
  int err = check(pattern, name, text, size);

  if (!err)
    err = group_make(pattern, name, &group, text, size);
  if (err)
    return err;
  LL_APPEND(groups->own, group);
  return pattern_doubt(pattern, text, size);
}

/* A name that is being made. */
struct name {
  char *text;
  size_t length, size;
};

/* Drops a first character that could be the start of a path. */
static void append(struct name *name, char c) {
  if (!name->length && (c == '/' || c == '.'))
    return;
  if (name->length + 1 < name->size)
    name->text[name->length++] = c;
}

static void append_part(struct name *name, const char *path,
                        const regmatch_t *match) {
  for (regoff_t i = match->rm_so; i >= 0 && i < match->rm_eo; i++)
    append(name, path[i]);
}

/* '~' becomes '/', as label_make() makes '~' of '/' and of nothing else. */
static void expand(const char *template, const char *path,
                   const regmatch_t *matches, struct name *name) {
  for (const char *c = template; *c; c++)
    if (*c == '$')
      append_part(name, path, &matches[*++c - '0']);
    else
      append(name, *c == '~' ? '/' : *c);
  name->text[name->length] = '\0';
}

static bool find_name(struct group *list, const char *path, char *ret_name,
                      size_t size) {
  for (struct group *group = list; group; group = group->next) {
    struct name name = {.text = ret_name, .size = size};
    regmatch_t matches[1 + PARTS_MAX];

    if (regexec(&group->regex, path, 1 + PARTS_MAX, matches, 0))
      continue;
    group->matched = true;
    expand(group->name, path, matches, &name);
    return true;
  }
  return false;
}

bool groups_name(struct groups *groups, const char *path, char *ret_name,
                 size_t size) {
  if (!groups)
    return false;
  return find_name(groups->own, path, ret_name, size) ||
         (groups->use_stock && find_name(groups->stock, path, ret_name, size));
}

/* Matches the label as a shell's pattern in which each of $1 to $9 is a star.
 * The text behind a star is tried at each place. A later star makes the place
 * of the earlier one final. */
static bool fits(const char *name, const char *label) {
  const char *after = NULL, *retry = NULL;

  while (*label)
    if (*name == '$') {
      after = name += 2;
      retry = label;
    } else if (*name == *label) {
      name++;
      label++;
    } else if (after) {
      name = after;
      label = ++retry;
    } else {
      return false;
    }
  return !*skip_parts(name);
}

static bool list_claims(const struct group *list, const char *label) {
  for (const struct group *group = list; group; group = group->next)
    if (fits(group->name, label))
      return true;
  return false;
}

bool groups_claim(const struct groups *groups, const char *label) {
  return groups && (list_claims(groups->own, label) ||
                    (groups->use_stock && list_claims(groups->stock, label)));
}

void groups_unmatched(const struct groups *groups,
                      void (*tell)(void *arg, const char *pattern), void *arg) {
  for (const struct group *group = groups->own; group; group = group->next)
    if (!group->matched)
      tell(arg, group->pattern);
}
