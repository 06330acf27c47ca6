// SPDX-License-Identifier: MIT
/* Reads the kernel's list of CPUs. */
#include "kernel/cpus.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

/* Ranges are in ascending order (bitmap_print_to_pagebuf()): the last number of
 * all is that of the last CPU. */
static int list_end(const char *line) {
  const char *last = line;
  char *end;
  long cpu;

  for (const char *c = line; *c; c++)
    if (*c == ',' || *c == '-')
      last = c + 1;
  cpu = strtol(last, &end, 10);
  return end > last && *end == '\n' && cpu < INT_MAX ? (int)cpu + 1 : -EINVAL;
}

static int count_listed(void) {
  FILE *file = fopen(CPUS_POSSIBLE, "re");
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
  int listed = count_listed(), own = count_own();

  return listed < 0 || listed > own ? listed : own;
}
