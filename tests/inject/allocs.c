// SPDX-License-Identifier: MIT
/* malloc() and its kin, in front of the sanitizer's. */
#include "inject.h"

#include <dlfcn.h>
#include <errno.h>
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Of the sanitizer, under names that nobody else defines. */
void *__interceptor_malloc(size_t size);
void *__interceptor_calloc(size_t count, size_t size);
void *__interceptor_realloc(void *block, size_t size);

/* Of the linker: the plugin's code is linked into the program. */
extern const char __executable_start[], etext[];

/* glibc's regcomp() frees twice what it had when memory ends in the middle
 * (seen with 2.36): it fails as a whole. */
static bool whole;

static bool fails(const void *caller) {
  bool is_own = (uintptr_t)caller >= (uintptr_t)__executable_start &&
                (uintptr_t)caller < (uintptr_t)etext;
  int error;

  if (whole)
    return false;
  error = inject_error(is_own ? INJECT_MALLOC : INJECT_MALLOC_BY_LIBS);
  if (error)
    errno = error;
  return error;
}

#define FAILS() fails(__builtin_return_address(0))

void *malloc(size_t size) {
  return FAILS() ? NULL : __interceptor_malloc(size);
}

void *calloc(size_t count, size_t size) {
  return FAILS() ? NULL : __interceptor_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  return FAILS() ? NULL : __interceptor_realloc(block, size);
}

static char *copy(const char *text, size_t length) {
  char *block = __interceptor_malloc(length + 1);

  if (block) {
    memcpy(block, text, length);
    block[length] = '\0';
  }
  return block;
}

char *strdup(const char *text) {
  return FAILS() ? NULL : copy(text, strlen(text));
}

char *strndup(const char *text, size_t most) {
  return FAILS() ? NULL : copy(text, strnlen(text, most));
}

int regcomp(regex_t *regex, const char *pattern, int flags) {
  static int (*next)(regex_t *, const char *, int);
  int status;

  if (!next)
    next = (int (*)(regex_t *, const char *, int))dlsym(RTLD_NEXT, "regcomp");
  if (FAILS())
    return REG_ESPACE;
  whole = true;
  status = next(regex, pattern, flags);
  whole = false;
  return status;
}
