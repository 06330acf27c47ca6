// SPDX-License-Identifier: MIT
/* Memory that is no file of its own. */

#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

bool map_anon(struct area *area) {
  return map_fd(area, -1);
}

static pid_t fork_idle(void) {
  pid_t pid = fork();
  if (pid != 0)
    return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;)
    pause();
}

/* All that the two share is to be settled but the area, hence made unreachable
 * meanwhile. */
bool map_cow(struct area *area) {
  size_t size = area_size(area);
  if (!map_anon(area))
    return false;
  write_pages(area);
  area->child = fork_idle();
  check(mprotect(area->base, size, PROT_NONE) == 0, "mprotect");
  settle();
  check(munlock(area->base, size) == 0, "munlock");
  check(mprotect(area->base, size, area->work->prot) == 0, "mprotect");
  return area->child > 0;
}

void unmap_cow(struct area *area) {
  kill(area->child, SIGKILL);
  waitpid(area->child, NULL, 0);
  unmap_area(area);
}

/* Aligned to 2 MiB, as much as a huge page has on most machines. */
bool map_thp(struct area *area) {
  const size_t huge = 2 << 20;
  size_t size = area_size(area) + huge;
  void *base = mmap(NULL, size, area->work->prot, area->work->flags, -1, 0);
  if (base == MAP_FAILED)
    return false;
  area->unaligned = base;
  area->base = area->unaligned + (-(uintptr_t)base & (huge - 1));
  return madvise(area->base, area_size(area), area->work->advice) == 0 ||
         errno == EINVAL;
}

void unmap_thp(struct area *area) {
  munmap(area->unaligned, area_size(area) + (2 << 20));
}

bool map_zero_device(struct area *area) {
  int fd = open_file("/dev/zero", O_RDWR);
  bool ok = map_fd(area, fd);
  close(fd);
  return ok;
}

bool map_memfd(struct area *area) {
  int fd = memfd_create("faults-memfd", MFD_CLOEXEC);
  if (fd < 0 || ftruncate(fd, (off_t)area_size(area)) < 0)
    return false;
  bool ok = map_fd(area, fd);
  close(fd);
  return ok;
}

bool map_sysv(struct area *area) {
  area->id = shmget(IPC_PRIVATE, area_size(area), IPC_CREAT | 0600);
  if (area->id < 0)
    return false;
  void *base = shmat(area->id, NULL, 0);
  shmctl(area->id, IPC_RMID, NULL);
  area->base = base;
  return (intptr_t)base != -1;
}

void unmap_sysv(struct area *area) {
  shmdt(area->base);
}

static size_t huge_page_size(void) {
  char line[128];
  size_t kib = 0;
  FILE *file = fopen("/proc/meminfo", "r");
  check(file != NULL, "/proc/meminfo");
  while (kib == 0 && fgets(line, sizeof(line), file) != NULL)
    sscanf(line, "Hugepagesize: %zu kB", &kib);
  fclose(file);
  if (kib == 0)
    fail("this kernel has no huge pages");
  return kib << 10;
}

bool map_huge(struct area *area) {
  area->unit = huge_page_size();
  return map_fd(area, -1);
}

/* A file in a mount of our own, which is gone from all names at once. */
static int open_in_hugetlbfs(void) {
  char dir[] = "/tmp/faults.XXXXXX", path[64];
  check(mkdtemp(dir) != NULL, dir);
  check(mount("none", dir, "hugetlbfs", 0, NULL) == 0, "mount of hugetlbfs");
  snprintf(path, sizeof(path), "%s/file", dir);
  int fd = open_file(path, O_RDWR | O_CREAT);
  umount2(dir, MNT_DETACH);
  rmdir(dir);
  return fd;
}

bool map_hugetlbfs(struct area *area) {
  area->unit = huge_page_size();
  int fd = open_in_hugetlbfs();
  bool ok = ftruncate(fd, (off_t)area_size(area)) == 0;
  void *base =
      mmap(NULL, area_size(area), area->work->prot, area->work->flags, fd, 0);
  area->base = base;
  close(fd);
  return ok && base != MAP_FAILED;
}

/* One page more, as nothing aligns the break. */
bool map_heap(struct area *area) {
  void *old = sbrk((intptr_t)((area->pages + 1) * page_size));
  if (old == (void *)-1)
    return false;
  uintptr_t gap = -(uintptr_t)old & (page_size - 1);
  area->unaligned = old;
  area->base = area->unaligned + gap;
  return madvise(area->base, area_size(area), MADV_NOHUGEPAGE) == 0 ||
         errno == EINVAL;
}

void unmap_heap(struct area *area) {
  brk(area->unaligned);
}

bool map_stack(struct area *area) {
  (void)area;
  return true;
}

void unmap_stack(struct area *area) {
  (void)area;
}
