// SPDX-License-Identifier: MIT
/* Many files to fault on. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096

struct bench_files {
  unsigned count;
  volatile char *page[];
};

/* Unlinked at once; the path by which it is known is that of its fault. */
static volatile char *map_file(const char *directory, unsigned index) {
  char path[128];
  void *page;
  int fd;

  snprintf(path, sizeof(path), "%s/%u", directory, index);
  fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 || pwrite(fd, "x", 1, 0) != 1 || unlink(path))
    bench_die(path, errno);
  page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED)
    bench_die("mmap", errno);
  close(fd);
  return page;
}

struct bench_files *bench_files_new(unsigned count) {
  struct bench_files *files =
      calloc(1, sizeof(*files) + count * sizeof(files->page[0]));
  char directory[] = "/var/tmp/bpfmem-bench-XXXXXX";

  if (!files || !mkdtemp(directory))
    bench_die(directory, errno);
  for (; files->count < count; files->count++)
    files->page[files->count] = map_file(directory, files->count);
  rmdir(directory);
  return files;
}

void bench_files_free(struct bench_files *files) {
  if (!files)
    return;
  for (unsigned i = 0; i < files->count; i++)
    munmap((void *)files->page[i], PAGE);
  free(files);
}

void bench_files_fault(struct bench_files *files, unsigned first,
                       unsigned count) {
  for (unsigned i = first; i < first + count && i < files->count; i++) {
    madvise((void *)files->page[i], PAGE, MADV_DONTNEED);
    (void)*files->page[i];
  }
}
