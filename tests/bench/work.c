// SPDX-License-Identifier: MIT
/* The operations that the benchmark repeats. */
#include "micro.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bursts of a millisecond or two. */
#define CALLS 2003
#define HOT 1009
#define SPAWNS 11
#define PAGE 4096
#define PAGES 4096 /* of the mapped file */
#define AROUND 16  /* pages that fault-around maps: 64 KiB */
#define WAITS 251
#define WRITE_PAGES 509 /* each copied or zeroed */

/* One object of names_cache: one alloc, one free. */
static double run_stat(void) {
  struct stat status;
  double start = bench_cpu_ns();

  for (int i = 0; i < CALLS; i++)
    (void)!stat("/no such file", &status);
  return (bench_cpu_ns() - start) / CALLS;
}

/* Four to six objects. */
static double run_open_close(void) {
  double start = bench_cpu_ns();

  for (int i = 0; i < CALLS; i++)
    close(open("/dev/null", O_RDONLY | O_CLOEXEC));
  return (bench_cpu_ns() - start) / CALLS;
}

/* An unlinked file whose pages are cached. */
static int mapped_file(void) {
  static int fd = -1;
  char path[] = "/var/tmp/bpfmem-bench-XXXXXX";

  if (fd >= 0)
    return fd;
  fd = mkstemp(path);
  if (fd < 0 || unlink(path) || posix_fallocate(fd, 0, (off_t)PAGES * PAGE)) {
    perror("bench: /var/tmp");
    exit(1);
  }
  for (int i = 0; i < PAGES; i++)
    (void)!pwrite(fd, "x", 1, (off_t)i * PAGE);
  return fd;
}

/* Touches every `step`th of `pages` pages of a new mapping. */
static double run_faults(int flags, int fd, int pages, int step, int writes) {
  size_t size = (size_t)pages * PAGE;
  volatile char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
  double start, end;

  if (map == MAP_FAILED) {
    perror("bench: mmap");
    exit(1);
  }
  madvise((void *)map, size, MADV_NOHUGEPAGE);
  start = bench_cpu_ns();
  for (int i = 0; i < pages; i += step)
    if (writes)
      map[(size_t)i * PAGE] = 1;
    else
      (void)map[(size_t)i * PAGE];
  end = bench_cpu_ns();
  munmap((void *)map, size);
  return (end - start) / ((pages + step - 1) / step);
}

static double run_read_fault(void) {
  return run_faults(MAP_PRIVATE, mapped_file(), PAGES, AROUND, 0);
}

/* One page of one file again and again. */
static double run_hot_file(void) {
  static struct bench_files *file;
  double start;

  if (!file)
    file = bench_files_new(1);
  start = bench_cpu_ns();
  for (int i = 0; i < HOT; i++)
    bench_files_fault(file, 0, 1);
  return (bench_cpu_ns() - start) / HOT;
}

static double run_write_fault(void) {
  return run_faults(MAP_PRIVATE, mapped_file(), WRITE_PAGES, 1, 1);
}

/* The file system is asked before each page becomes writable. */
static double run_shared_fault(void) {
  return run_faults(MAP_SHARED, mapped_file(), WRITE_PAGES, 1, 1);
}

static double run_anon_fault(void) {
  return run_faults(MAP_PRIVATE | MAP_ANONYMOUS, -1, WRITE_PAGES, 1, 1);
}

/* Each page is read from the disk: what waiting costs the thread itself. */
static double run_major_fault(void) {
  size_t size = (size_t)PAGES * PAGE;
  int fd = mapped_file();
  volatile char *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  double start, end;

  if (map == MAP_FAILED || fsync(fd) ||
      posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) ||
      madvise((void *)map, size, MADV_RANDOM)) {
    perror("bench: a file that is not in memory");
    exit(1);
  }
  start = bench_cpu_ns();
  for (int i = 0; i < WAITS; i++)
    (void)map[(size_t)i * (PAGES / WAITS) * PAGE];
  end = bench_cpu_ns();
  munmap((void *)map, size);
  return (end - start) / WAITS;
}

/* All time, as the programs have their own: for a guest whose clock counts
 * instructions. */
static double run_spawn(void) {
  const char *program = getenv("BENCH_PROGRAM");
  const char *const argv[] = {program ? program : "/bin/true", NULL};
  double start = bench_now_ns();

  for (int i = 0; i < SPAWNS; i++)
    bench_run_program(argv);
  return (bench_now_ns() - start) / SPAWNS;
}

const struct work work_stat = {"stat() of a missing name", run_stat};
const struct work work_open_close = {"open() and close()", run_open_close};
const struct work work_read_fault = {"file fault, read", run_read_fault};
const struct work work_write_fault = {"file fault, private write",
                                      run_write_fault};
const struct work work_shared_fault = {"file fault, shared write",
                                       run_shared_fault};
const struct work work_hot_file = {"file fault, read, and madvise()",
                                   run_hot_file};
const struct work work_major_fault = {"file fault, major", run_major_fault};
const struct work work_spawn = {"fork and exec of true", run_spawn};
const struct work work_anon_fault = {"anonymous fault", run_anon_fault};
