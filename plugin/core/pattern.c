// SPDX-License-Identifier: MIT
/* Expressions between slashes. */
#include "core/pattern.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool pattern_is_regex(const char *text) {
  size_t length = strlen(text);

  return length > 2 && text[0] == '/' && text[length - 1] == '/';
}

int pattern_compile(const char *text, int flags, regex_t *ret_regex, char *err,
                    size_t err_size) {
  char *inner = strndup(text + 1, strlen(text) - 2);
  char reason[128];
  int status;

  if (!inner)
    return -ENOMEM;
  status = regcomp(ret_regex, inner, REG_EXTENDED | flags);
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

/* The letters that have a meaning behind a backslash for regcomp() of glibc. A
 * backslash before another letter means nothing. */
#define REGEX_LETTERS "wWsSbB"

/* A letter behind a backslash that means nothing there; or 0. */
static char odd_letter(const char *regex) {
  for (const char *c = strchr(regex, '\\'); c && c[1]; c = strchr(c + 2, '\\'))
    if (isalpha((unsigned char)c[1]) && !strchr(REGEX_LETTERS, c[1]))
      return c[1];
  return 0;
}

int pattern_doubt(const char *pattern, char *text, size_t size) {
  char letter = odd_letter(pattern);

  if (!letter)
    return 0;
  snprintf(text, size,
           "\"%s\": \\%c means the letter %c in a POSIX extended regular "
           "expression; digits are [0-9]",
           pattern, letter, letter);
  return 1;
}
