/* SPDX-License-Identifier: MIT */
/* Counts what the program allocates. Include it in one file of a program: it
 * replaces glibc's malloc(), or hooks into the sanitizer's. */
#ifndef BPFMEM_COUNT_ALLOCS_H
#define BPFMEM_COUNT_ALLOCS_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNT_ALLOCS_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define COUNT_ALLOCS_ASAN 1
#endif

/* Compilers assume that malloc() leaves variables alone. */
static volatile unsigned long count_allocs_made;
/* Those that may still be made. */
static volatile unsigned long count_allocs_left = ULONG_MAX;

static inline unsigned long count_allocs(void) {
  return count_allocs_made;
}

#ifdef COUNT_ALLOCS_ASAN
#define COUNT_ALLOCS_CAN_FAIL 0

int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void *, size_t),
    void (*free_hook)(const volatile void *));

static void count_allocs_on_malloc(const volatile void *block, size_t size) {
  (void)block;
  (void)size;
  count_allocs_made++;
}

static void count_allocs_on_free(const volatile void *block) {
  (void)block;
}

static inline void count_allocs_start(void) {
  __sanitizer_install_malloc_and_free_hooks(count_allocs_on_malloc,
                                            count_allocs_on_free);
}
#else
#define COUNT_ALLOCS_CAN_FAIL 1

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

static inline void count_allocs_start(void) {
}

static bool count_allocs_refuse(void) {
  count_allocs_made++;
  if (count_allocs_left) {
    count_allocs_left -= count_allocs_left != ULONG_MAX;
    return false;
  }
  errno = ENOMEM;
  return true;
}

void *malloc(size_t size) {
  return count_allocs_refuse() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  return count_allocs_refuse() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  return count_allocs_refuse() ? NULL : __libc_realloc(block, size);
}
#endif

/* valgrind puts its own malloc() before everybody's. */
static inline bool count_allocs_is_possible(void) {
  const char *preload = getenv("LD_PRELOAD");

  return !preload || !strstr(preload, "vgpreload");
}

/* Whether an allocation is seen: a count of none would prove nothing else. */
static inline bool count_allocs_works(void) {
  unsigned long before = count_allocs();
  void *volatile block = malloc(1);

  free(block);
  return count_allocs() == before + 1;
}

/* From now on every allocation fails, where COUNT_ALLOCS_CAN_FAIL. */
static inline void count_allocs_fail(bool is_short) {
  count_allocs_left = is_short ? 0 : ULONG_MAX;
}

/* The same, but for the next `count`. */
static inline void count_allocs_fail_after(unsigned long count) {
  count_allocs_left = count;
}

#endif
