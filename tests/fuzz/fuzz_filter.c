// SPDX-License-Identifier: MIT
/* Patterns and a name: what is taken and how it matches, beside regexec(). */
#include "core/filter.h"
#include "fuzz.h"

#include <errno.h>
#include <regex.h>

#define PATTERNS 4

/* The C library's expressions are not what is tested, and repetition makes it
 * take any amount of memory and time: patterns come from who runs collectd. */
static bool is_cheap(const char *pattern) {
  size_t groups = strspn(pattern, "(");

  for (const char *c = pattern; *c; c++)
    groups += *c == '(' || *c == '*' || *c == '+' || *c == '?' || *c == '\\';
  return !strchr(pattern, '{') && groups <= 3 && strlen(pattern) <= 24;
}

/* The daemon's rule, said a second time. */
static bool matches(const char *pattern, const char *name) {
  size_t length = strlen(pattern);
  char inner[64] = "";
  regex_t regex;
  bool found;

  if (length <= 2 || pattern[0] != '/' || pattern[length - 1] != '/')
    return !strcmp(pattern, name);
  memcpy(inner, pattern + 1, length - 2);
  HOLDS(!regcomp(&regex, inner, REG_EXTENDED | REG_NOSUB));
  found = !regexec(&regex, name, 0, NULL, 0);
  regfree(&regex);
  return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {data, size};
  struct filter *filter = filter_new();
  bool ignore = fuzz_byte(&input) & 1, any = false, found = false;
  char name[64], pattern[64], err[128];

  HOLDS(filter);
  fuzz_string(&input, name, sizeof(name));
  filter_set_ignore_selected(filter, ignore);
  for (int i = 0; i < PATTERNS && input.size; i++) {
    int status;

    fuzz_string(&input, pattern, sizeof(pattern));
    if (!is_cheap(pattern))
      continue;
    err[0] = '\0';
    status = filter_add(filter, ignore ? FILTER_PATHS : FILTER_WORDS, pattern,
                        err, sizeof(err));
    HOLDS(status == 0 || ((status == -EINVAL || status == 1) && err[0]));
    if (status < 0)
      continue;
    any = true;
    found = found || matches(pattern, name);
  }
  HOLDS(filter_accepts(filter, name) == (!any || !name[0] || found != ignore));
  filter_free(filter);
  return 0;
}
