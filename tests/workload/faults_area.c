// SPDX-License-Identifier: MIT
/* Files under an area, and plain ways to touch it. */

#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FAULT_AROUND = 16, COLD_TRIES = 50 };

/* Accesses: all that happens between two looks at the clock of faults. */

void read_page(const struct area *area, size_t index) {
  (void)*(volatile char *)(area->base + index * area->unit);
}

void write_page(const struct area *area, size_t index) {
  *(volatile char *)(area->base + index * area->unit) = 1;
}

void read_pages(const struct area *area) {
  for (size_t i = 0; i < area->pages; i++)
    read_page(area, i);
}

void write_pages(const struct area *area) {
  for (size_t i = 0; i < area->pages; i++)
    write_page(area, i);
}

void read_then_write(const struct area *area) {
  read_pages(area);
  write_pages(area);
}

void read_permuted(const struct area *area) {
  for (size_t i = 0; i < area->pages; i++)
    read_page(area, i * area->step % area->pages);
}

void write_permuted(const struct area *area) {
  for (size_t i = 0; i < area->pages; i++)
    write_page(area, i * area->step % area->pages);
}

void write_while_disturbed(const struct area *area) {
  do
    write_permuted(area);
  while (disturbing);
}

/* The window within which a read fault maps its neighbours. */
void read_stride(const struct area *area) {
  for (size_t i = 0; i < area->pages; i += FAULT_AROUND)
    read_page(area, i);
}

/* From the top down, as a stack grows. */
void __attribute__((noinline)) grow_stack(const struct area *area) {
  char frame[area->pages * page_size];
  volatile char *stack = frame;
  for (size_t i = area->pages; i-- > 0;)
    stack[i * page_size] = 1;
}

/* Mappings. */

int open_file(const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC, 0600);
  if (fd < 0)
    fail("%s: %s", path, strerror(errno));
  return fd;
}

bool map_fd(struct area *area, int fd) {
  const struct workload *work = area->work;
  size_t size = area_size(area);
  void *base = mmap(NULL, size, work->prot, work->flags, fd, 0);
  if (base == MAP_FAILED)
    return false;
  area->base = base;
  return work->flags & MAP_HUGETLB || madvise(base, size, work->advice) == 0;
}

bool map_file(struct area *area) {
  int fd = open_file(area->path, O_RDWR);
  bool ok = map_fd(area, fd);
  close(fd);
  return ok;
}

void unmap_area(struct area *area) {
  munmap(area->base, area_size(area));
}

/* Files. */

void create_file(const struct area *area) {
  int fd = open_file(area->path, O_RDWR | O_CREAT | O_TRUNC);
  size_t size = area_size(area), step = area->work->at_once ? size : page_size;
  char *contents = calloc(1, step);
  check(contents != NULL, "calloc");
  for (size_t done = 0; done < size; done += step)
    check(write(fd, contents, step) == (ssize_t)step, "write");
  free(contents);
  /* A dirty page cannot be dropped, and would be written back at any time. */
  check(fsync(fd) == 0, "fsync");
  close(fd);
}

static size_t pages_in_cache(const struct area *area, int fd) {
  static unsigned char map[4096];
  size_t size = area_size(area), found = 0;
  void *base = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  check(base != MAP_FAILED, "mmap");
  check(mincore(base, size, map) == 0, "mincore");
  munmap(base, size);
  for (size_t i = 0; i < area->pages; i++)
    found += map[i] & 1;
  return found;
}

/* The kernel itself may hold a page for a moment, as when it moves it. */
void make_cold(const struct area *area) {
  int fd = open_file(area->path, O_RDWR);
  size_t left = area->pages;
  for (int i = 0; i < COLD_TRIES && left > 0; i++) {
    usleep((useconds_t)i * 1000);
    errno = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    check(errno == 0, "posix_fadvise");
    left = pages_in_cache(area, fd);
  }
  if (left > 0)
    fail("%s: %zu pages stay in the page cache: not on a disk?", area->path,
         left);
  close(fd);
}
