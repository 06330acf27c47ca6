// SPDX-License-Identifier: MIT
/* The CPUs that a machine may have. */
#include "kernel/cpus.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>

#define CPUS_POSSIBLE "/sys/devices/system/cpu/possible"

/* The last number of a list such as "0-3,8-11", which ascends. */
int cpus_count_in(const char *path) {
  FILE *file = fopen(path, "re");
  int last = -1, number;

  if (!file)
    return -errno;
  while (fscanf(file, "%d%*1[-,]", &number) == 1)
    last = number;
  fclose(file);
  return last < 0 ? -EINVAL : last + 1;
}

/* Those that this process may run on. */
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
