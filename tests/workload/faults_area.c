// SPDX-License-Identifier: MIT
/* Ways to make an area of memory and to touch it. */

#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* The largest page of a supported architecture. */
static char block[65536];

/* Accesses: all that happens between two looks at the clock of faults. */

static void read_page(const struct area *area, size_t index) {
  (void)*(volatile char *)(area->base + index * page_size);
}

static void write_page(const struct area *area, size_t index) {
  *(volatile char *)(area->base + index * page_size) = 1;
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

/* 16 pages are the window within which a read fault maps its neighbours. */
void read_stride(const struct area *area) {
  for (size_t i = 0; i < area->pages; i += 16)
    read_page(area, i);
}

void read_by_kernel(const struct area *area) {
  int fd = memfd_create("faults-sink", MFD_CLOEXEC);
  check(fd >= 0, "memfd_create");
  size_t size = area->pages * page_size;
  for (size_t done = 0; done < size;) {
    ssize_t n = write(fd, area->base + done, size - done);
    check(n > 0, "write from the mapping");
    done += (size_t)n;
  }
  close(fd);
}

void read_by_gup(const struct area *area) {
  for (size_t i = 0; i < area->pages; i++) {
    struct iovec to = {block, page_size};
    struct iovec from = {area->base + i * page_size, page_size};
    ssize_t n = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
    check(n == (ssize_t)page_size, "process_vm_readv");
  }
}

/* From the top down, as a stack grows. */
void __attribute__((noinline)) grow_stack(const struct area *area) {
  char frame[area->pages * page_size];
  volatile char *stack = frame;
  for (size_t i = area->pages; i-- > 0;)
    stack[i * page_size] = 1;
}

/* Mappings. */

static int open_file(const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC, 0600);
  if (fd < 0)
    fail("%s: %s", path, strerror(errno));
  return fd;
}

static bool map_fd(struct area *area, int fd) {
  const struct workload *work = area->work;
  size_t size = area->pages * page_size;
  void *base = mmap(NULL, size, work->prot, work->flags, fd, 0);
  if (base == MAP_FAILED)
    return false;
  area->base = base;
  return madvise(base, size, work->advice) == 0;
}

bool map_file(struct area *area) {
  int fd = open_file(area->path, O_RDWR);
  bool ok = map_fd(area, fd);
  close(fd);
  return ok;
}

bool map_anon(struct area *area) {
  return map_fd(area, -1);
}

bool map_memfd(struct area *area) {
  int fd = memfd_create("faults-memfd", MFD_CLOEXEC);
  if (fd < 0 || ftruncate(fd, (off_t)(area->pages * page_size)) < 0)
    return false;
  bool ok = map_fd(area, fd);
  close(fd);
  return ok;
}

void unmap_area(struct area *area) {
  munmap(area->base, area->pages * page_size);
}

/* One page more, as nothing aligns the break. */
bool map_heap(struct area *area) {
  void *old = sbrk((intptr_t)((area->pages + 1) * page_size));
  if (old == (void *)-1)
    return false;
  uintptr_t gap = -(uintptr_t)old & (page_size - 1);
  area->unaligned = old;
  area->base = area->unaligned + gap;
  return madvise(area->base, area->pages * page_size, MADV_NOHUGEPAGE) == 0 ||
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

/* Files. */

void create_file(const struct area *area) {
  int fd = open_file(area->path, O_RDWR | O_CREAT | O_TRUNC);
  for (size_t i = 0; i < area->pages; i++)
    check(write(fd, block, page_size) == (ssize_t)page_size, "write");
  /* A dirty page cannot be dropped, and would be written back at any time. */
  check(fsync(fd) == 0, "fsync");
  close(fd);
}

static size_t pages_in_cache(const struct area *area, int fd) {
  static unsigned char map[4096];
  size_t size = area->pages * page_size, found = 0;
  void *base = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  check(base != MAP_FAILED, "mmap");
  check(mincore(base, size, map) == 0, "mincore");
  munmap(base, size);
  for (size_t i = 0; i < area->pages; i++)
    found += map[i] & 1;
  return found;
}

void make_cold(const struct area *area) {
  int fd = open_file(area->path, O_RDWR);
  errno = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  check(errno == 0, "posix_fadvise");
  size_t left = pages_in_cache(area, fd);
  if (left > 0)
    fail("%s: %zu pages stay in the page cache: not on a disk?", area->path,
         left);
  close(fd);
}
