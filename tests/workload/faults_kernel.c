// SPDX-License-Identifier: MIT
/* Have the kernel touch an area, or change it between accesses. */

#define _GNU_SOURCE
#include "faults.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { TURNS = 211 };

static char block[65536];

/* Accesses by the kernel: copy_from_user(), copy_to_user(), then those of
 * get_user_pages(), which need no fault of the processor. */

void read_by_kernel(const struct area *area) {
  int fd = memfd_create("faults-sink", MFD_CLOEXEC);
  check(fd >= 0, "memfd_create");
  for (size_t done = 0; done < area_size(area);) {
    ssize_t n = write(fd, area->base + done, area_size(area) - done);
    check(n > 0, "write from the mapping");
    done += (size_t)n;
  }
  close(fd);
}

void write_by_kernel(const struct area *area) {
  int fd = open_file("/dev/zero", O_RDONLY);
  for (size_t done = 0; done < area_size(area);) {
    ssize_t n = read(fd, area->base + done, area_size(area) - done);
    check(n > 0, "read into the mapping");
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

void write_into_child(const struct area *area) {
  for (size_t i = 0; i < area->pages; i++) {
    struct iovec from = {block, page_size};
    struct iovec to = {area->base + i * page_size, page_size};
    ssize_t n = process_vm_writev(area->child, &from, 1, &to, 1, 0);
    check(n == (ssize_t)page_size, "process_vm_writev");
  }
}

void lock_pages(const struct area *area) {
  check(mlock(area->base, area_size(area)) == 0, "mlock");
}

void populate_pages(const struct area *area) {
  int fd = open_file(area->path, O_RDWR);
  void *base = mmap(area->base, area_size(area), area->work->prot,
                    area->work->flags | MAP_FIXED | MAP_POPULATE, fd, 0);
  check(base == area->base, "mmap with MAP_POPULATE");
  close(fd);
}

/* Accesses that change the mapping, too. */

/* What is clean again is protected, so that the next write is noticed. */
void write_synced(const struct area *area) {
  write_pages(area);
  check(msync(area->base, area_size(area), MS_SYNC) == 0, "msync");
  write_pages(area);
}

void write_zapped(const struct area *area) {
  write_pages(area);
  check(madvise(area->base, area_size(area), MADV_DONTNEED) == 0, "madvise");
  write_pages(area);
}

/* Children that share the file wait for each other's lock on its pages, which
 * are there: a fault that waited is major. */
void write_zapped_often(const struct area *area) {
  for (int i = 0; i < 199; i++)
    write_zapped(area);
}

static void move(char *from, size_t old_size, char *to, size_t size) {
  void *base = mremap(from, old_size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to);
  check(base == to, "mremap");
}

/* Only what was not touched before it moved faults after. */
void write_moved(const struct area *area) {
  struct area half = *area, moved = *area;
  half.pages = area->pages / 2;
  moved.base = mmap(NULL, area_size(area), PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check(moved.base != MAP_FAILED, "mmap");
  write_pages(&half);
  check(munmap(area->base + area_size(&half),
               area_size(area) - area_size(&half)) == 0,
        "munmap");
  move(area->base, area_size(&half), moved.base, area_size(area));
  write_pages(&moved);
  move(moved.base, area_size(area), area->base, area_size(area));
}

/* Takes the locks of the area and of the address space for writing, and takes
 * pages away so that there is something to fault. Pages may be written all the
 * time. */
void reprotect(const struct area *area) {
  size_t half = (area->pages / 2) * area->unit;
  int prot = area->work->prot;
  for (int i = 0; i < TURNS; i++) {
    void *other =
        mmap(NULL, page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(other != MAP_FAILED, "mmap");
    check(mprotect(area->base, half, prot | PROT_EXEC) == 0, "mprotect");
    check(madvise(area->base, half, MADV_DONTNEED) == 0, "madvise");
    check(mprotect(area->base, half, prot) == 0, "mprotect");
    munmap(other, page_size);
  }
}
