// SPDX-License-Identifier: MIT
/* Reads the kernel's list of CPUs, and asks perf whether there are more. */
#include "kernel/cpus.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CPUS_MAX 8192

/* Ranges are in ascending order (bitmap_print_to_pagebuf()), so the last number
 * of the line is that of the last CPU. */
static int list_end(const char *line) {
  const char *last = line;
  char *end;
  long cpu;

  for (const char *c = line; *c; c++)
    if (*c == ',' || *c == '-')
      last = c + 1;
  cpu = strtol(last, &end, 10);
  return end > last && *end == '\n' && cpu < CPUS_MAX ? (int)cpu + 1 : -EINVAL;
}

/* Whether a CPU can exist. To open an event fails with -ENODEV on a CPU that is
 * offline, and with -EINVAL on one that cannot exist (perf_event_alloc(), 5.10
 * to 7.3). False, too, if this process may not open events. */
static bool has_cpu(int cpu) {
  struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                 .size = sizeof(attr),
                                 .config = PERF_COUNT_SW_DUMMY,
                                 .disabled = 1};
  int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1,
                        PERF_FLAG_FD_CLOEXEC);

  if (fd < 0)
    return errno == ENODEV;
  close(fd);
  return true;
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

/* Containers may be shown fewer CPUs than the kernel has (lxcfs). No kernel is
 * built for more than 8192. */
int cpus_count(void) {
  int count = count_listed();

  while (count > 0 && count < CPUS_MAX && has_cpu(count))
    count++;
  return count;
}
