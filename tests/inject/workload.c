// SPDX-License-Identifier: MIT
/* Events whose number is known. */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* The kernel maps up to 64 KiB around a fault. */
enum { STRIDE = 1 << 16, FILE_SIZE = 3 * STRIDE };

static const char *file_name(int i) {
  static char name[32];

  snprintf(name, sizeof(name), "file-%d", i);
  return name;
}

static int make_file(const char *name) {
  int fd = open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0600), err = 0;

  if (fd < 0)
    return -errno;
  if (ftruncate(fd, FILE_SIZE))
    err = -errno;
  close(fd);
  return err;
}

int workload_prepare(void) {
  int err = 0;

  for (int i = 0; i < WORKLOAD_FILES && !err; i++)
    err = make_file(file_name(i));
  return err;
}

static void fault_on(const char *name) {
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  volatile const char *area =
      mmap(NULL, FILE_SIZE, PROT_READ, MAP_SHARED, fd, 0);

  close(fd);
  if (area == MAP_FAILED)
    return;
  for (int at = 0; at < FILE_SIZE; at += STRIDE)
    (void)area[at];
  munmap((void *)area, FILE_SIZE);
}

static unsigned long faults_so_far(void) {
  struct rusage usage;

  getrusage(RUSAGE_SELF, &usage);
  return (unsigned long)(usage.ru_minflt + usage.ru_majflt);
}

unsigned long workload_fault(void) {
  unsigned long before = faults_so_far();

  for (int i = 0; i < WORKLOAD_FILES; i++)
    fault_on(file_name(i));
  return faults_so_far() - before;
}

int workload_namespaces(void) {
  for (int i = 0; i < WORKLOAD_NAMESPACES; i++)
    if (unshare(CLONE_NEWUTS))
      return -errno;
  return 0;
}
