// SPDX-License-Identifier: MIT
/* Reads the kernel's list of CPUs. */
#include "kernel/cpus.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One of the list's ranges, "8" or "8-11"; its end, or NULL if it is none. */
static char *read_range(char *text, int *ret_last) {
  const char *const digits = "0123456789";
  char *end = text + strspn(text, digits);
  long last;

  if (end == text)
    return NULL;
  if (*end == '-') {
    text = end + 1;
    end = text + strspn(text, digits);
    if (end == text)
      return NULL;
  }
  last = strtol(text, NULL, 10);
  if (last >= INT_MAX)
    return NULL;
  *ret_last = (int)last;
  return end;
}

/* Ranges are in ascending order (bitmap_print_to_pagebuf()). */
static int list_end(char *text) {
  int last = -1;

  do {
    text = read_range(text, &last);
  } while (text && *text++ == ',');
  return text && text[-1] == '\n' ? last + 1 : -EINVAL;
}

int cpus_count_in(const char *path) {
  FILE *file = fopen(path, "re");
  char *line = NULL;
  size_t size = 0;
  int count;

  if (!file)
    return -errno;
  count = getline(&line, &size, file) < 0 ? -EINVAL : list_end(line);
  free(line);
  fclose(file);
  return count;
}

/* The last CPU that this process may run on, plus one; 0: not known. */
static int count_own(void) {
  cpu_set_t set;

  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set))
    return 0;
  for (int cpu = CPU_SETSIZE; cpu > 0; cpu--)
    if (CPU_ISSET((unsigned)cpu - 1, &set))
      return cpu;
  return 0;
}

/* A container's runtime may show a list of its own (lxcfs): fewer CPUs than the
 * kernel has, which the process runs on all the same. */
int cpus_count(void) {
  int listed = cpus_count_in(CPUS_POSSIBLE), own = count_own();

  return listed < 0 || listed > own ? listed : own;
}
