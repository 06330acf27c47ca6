// SPDX-License-Identifier: MIT
/* A list of literal and regular patterns, matched as collectd's ignorelist. */
#include "core/filter.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct pattern {
  struct pattern *next;
  char *literal; /* NULL: `regex` is in use */
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
  if (!pattern->literal)
    regfree(&pattern->regex);
  free(pattern->literal);
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

/* The daemon's rule: "/" and "//" are literals. */
static bool is_regex(const char *text) {
  size_t length = strlen(text);

  return length > 2 && text[0] == '/' && text[length - 1] == '/';
}

static int compile_regex(const char *text, regex_t *ret_regex, char *err,
                         size_t err_size) {
  char *inner = strndup(text + 1, strlen(text) - 2);
  char reason[128];
  int status;

  if (!inner)
    return -ENOMEM;
  status = regcomp(ret_regex, inner, REG_EXTENDED | REG_NOSUB);
  free(inner);
  if (status == REG_ESPACE)
    return -ENOMEM;
  if (!status)
    return 0;
  regerror(status, ret_regex, reason, sizeof(reason));
  snprintf(err, err_size, "\"%s\" is not a valid regular expression: %s", text,
           reason);
  return -EINVAL;
}

static int pattern_init(struct pattern *pattern, const char *text, char *err,
                        size_t err_size) {
  if (is_regex(text))
    return compile_regex(text, &pattern->regex, err, err_size);
  pattern->literal = strdup(text);
  return pattern->literal ? 0 : -ENOMEM;
}

int filter_add(struct filter *filter, const char *pattern, char *err,
               size_t err_size) {
  struct pattern *added;
  int status;

  if (!pattern[0]) {
    snprintf(err, err_size, "\"\" is not a pattern: it matches nothing");
    return -EINVAL;
  }
  added = calloc(1, sizeof(*added));
  status = added ? pattern_init(added, pattern, err, err_size) : -ENOMEM;
  if (status) {
    free(added);
    return status;
  }
  LL_PREPEND(filter->patterns, added);
  return 0;
}

void filter_set_ignore_selected(struct filter *filter, bool ignore_selected) {
  filter->ignore_selected = ignore_selected;
}

static bool pattern_matches(const struct pattern *pattern, const char *name) {
  if (pattern->literal)
    return strcmp(pattern->literal, name) == 0;
  return regexec(&pattern->regex, name, 0, NULL, 0) == 0;
}

bool filter_accepts(const struct filter *filter, const char *name) {
  /* The daemon's ignorelist collects a name that is empty, too. */
  if (!filter || !filter->patterns || !name[0])
    return true;
  for (const struct pattern *p = filter->patterns; p; p = p->next)
    if (pattern_matches(p, name))
      return !filter->ignore_selected;
  return filter->ignore_selected;
}
