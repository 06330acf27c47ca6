// SPDX-License-Identifier: MIT
/* A list of literal and regular patterns, matched as collectd's ignorelist. */
#include "core/filter.h"

#include "core/path.h"
#include "core/pattern.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct pattern {
  struct pattern *next;
  char *text; /* as given */
  bool is_regex, matched;
  regex_t regex;
};

struct filter {
  struct pattern *patterns;
  bool ignore_selected;
};

struct filter *filter_new(void) {
  return calloc(1, sizeof(struct filter));
}

static void pattern_free(struct pattern *pattern) {
  if (pattern->is_regex)
    regfree(&pattern->regex);
  free(pattern->text);
  free(pattern);
}

void filter_free(struct filter *filter) {
  struct pattern *pattern, *next;

  if (!filter)
    return;
  LL_FOREACH_SAFE (filter->patterns, pattern, next)
    pattern_free(pattern);
  free(filter);
}

static int pattern_init(struct pattern *pattern, const char *text, char *err,
                        size_t err_size) {
  int status;

  pattern->text = strdup(text);
  if (!pattern->text)
    return -ENOMEM;
  if (!pattern_is_regex(text))
    return 0;
  status = pattern_compile(text, REG_NOSUB, &pattern->regex, err, err_size);
  pattern->is_regex = !status;
  return status;
}

static bool is_path(const char *pattern) {
  return pattern[0] == '/' || !strncmp(pattern, PATH_CUT, strlen(PATH_CUT));
}

static int doubt_name(enum filter_names names, const char *pattern, char *text,
                      size_t size) {
  char odd = pattern[strcspn(pattern, "*?^$\\")];

  if (odd)
    snprintf(text, size,
             "\"%s\" is a name, in which %c stands for itself; a regular "
             "expression stands between slashes, as \"%s\"",
             pattern, odd,
             names == FILTER_PATHS ? "/^/usr/lib//" : "/^kmalloc-/");
  else if (names == FILTER_PATHS && !is_path(pattern))
    snprintf(text, size,
             "\"%s\" is not a path, and files are matched by their whole path; "
             "for any directory write \"/\\/%s$/\"",
             pattern, pattern);
  else
    return 0;
  return 1;
}

/* 1 and a warning if the pattern is hardly what was meant, or 0. */
static int doubt(enum filter_names names, const char *pattern, char *text,
                 size_t size) {
  return pattern_is_regex(pattern) ? pattern_doubt(pattern, text, size)
                                   : doubt_name(names, pattern, text, size);
}

int filter_add(struct filter *filter, enum filter_names names,
               const char *pattern, char *text, size_t size) {
  struct pattern *added;
  int status;

  if (!pattern[0]) {
    snprintf(text, size, "\"\" is not a pattern: it matches nothing");
    return -EINVAL;
  }
  added = calloc(1, sizeof(*added));
  status = added ? pattern_init(added, pattern, text, size) : -ENOMEM;
  if (status) {
    if (added)
      pattern_free(added);
    return status;
  }
  LL_PREPEND(filter->patterns, added);
  return doubt(names, pattern, text, size);
}

void filter_set_ignore_selected(struct filter *filter, bool ignore_selected) {
  filter->ignore_selected = ignore_selected;
}

bool filter_selects(const struct filter *filter) {
  return filter && filter->patterns && !filter->ignore_selected;
}

static bool pattern_matches(struct pattern *pattern, const char *name) {
  bool matches = pattern->is_regex
                     ? regexec(&pattern->regex, name, 0, NULL, 0) == 0
                     : strcmp(pattern->text, name) == 0;

  pattern->matched |= matches;
  return matches;
}

/* It asks all patterns, so that each one that matches is known to have matched.
 */
bool filter_accepts(struct filter *filter, const char *name) {
  bool selected = false;

  /* The daemon's ignorelist accepts an empty name, too. */
  if (!filter || !filter->patterns || !name[0])
    return true;
  for (struct pattern *p = filter->patterns; p; p = p->next)
    selected |= pattern_matches(p, name);
  return selected != filter->ignore_selected;
}

void filter_unmatched(const struct filter *filter,
                      void (*tell)(void *arg, const char *pattern), void *arg) {
  for (const struct pattern *p = filter->patterns; p; p = p->next)
    if (!p->matched)
      tell(arg, p->text);
}
