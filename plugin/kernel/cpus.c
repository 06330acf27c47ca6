// SPDX-License-Identifier: MIT
/* Reads the kernel's list of CPUs. */
#include "kernel/cpus.h"

#include <errno.h>
#include <limits.h>
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

int cpus_count(void) {
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
