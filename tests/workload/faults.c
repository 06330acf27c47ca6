// SPDX-License-Identifier: MIT
/* Fault on a file's (or an anonymous) mapping in one known way and print what
 * the kernel itself accounted for that: "NAME minflt majflt" of getrusage. */

#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WARM_PAGES = 17 };

#define RW (PROT_READ | PROT_WRITE)
#define ANON(name_, pages_, map_, flags_)                                      \
  {                                                                            \
    .name = name_, .pages = pages_, .map = map_, .unmap = unmap_area,          \
    .access = write_pages, .measure = measure_self, .prot = RW,                \
    .flags = flags_, .advice = MADV_NOHUGEPAGE                                 \
  }
#define FILED(name_, pages_, access_, prot_, flags_, ...)                      \
  {                                                                            \
    .name = name_, .pages = pages_, .map = map_file, .unmap = unmap_area,      \
    .access = access_, .prot = prot_, .flags = flags_, .needs_file = true,     \
    __VA_ARGS__                                                                \
  }
#define SELF .measure = measure_self, .advice = MADV_NORMAL

static const struct workload workloads[] = {
    FILED("private_read", 1009, read_pages, PROT_READ, MAP_PRIVATE, SELF),
    FILED("private_write", 509, write_pages, RW, MAP_PRIVATE, SELF),
    FILED("shared_read", 1009, read_pages, PROT_READ, MAP_SHARED, SELF),
    FILED("shared_write", 509, write_pages, RW, MAP_SHARED, SELF),
    FILED("cow_after_read", 251, read_then_write, RW, MAP_PRIVATE, SELF),
    FILED("stride", 1009, read_stride, PROT_READ, MAP_PRIVATE, SELF),
    FILED("kernel_read", 509, read_by_kernel, PROT_READ, MAP_PRIVATE, SELF),
    FILED("gup", 509, read_by_gup, PROT_READ, MAP_PRIVATE, SELF),
    FILED("major_random", 509, read_permuted, PROT_READ, MAP_PRIVATE,
          .measure = measure_self, .advice = MADV_RANDOM, .cold = true),
    FILED("forked_children", 251, write_permuted, RW, MAP_PRIVATE,
          .measure = measure_children, .advice = MADV_NORMAL),
    FILED("threads_race", 1009, write_permuted, RW, MAP_SHARED,
          .measure = measure_threads, .advice = MADV_NORMAL),
    ANON("anon_write", 1009, map_anon, MAP_PRIVATE | MAP_ANONYMOUS),
    ANON("shmem_write", 509, map_anon, MAP_SHARED | MAP_ANONYMOUS),
    ANON("memfd_write", 509, map_memfd, MAP_SHARED),
    {.name = "heap_write",
     .pages = 509,
     .map = map_heap,
     .unmap = unmap_heap,
     .access = write_pages,
     .measure = measure_self},
    {.name = "stack_grow",
     .pages = 509,
     .map = map_stack,
     .unmap = unmap_stack,
     .access = grow_stack,
     .measure = measure_self},
};

enum { WORKLOADS = sizeof(workloads) / sizeof(workloads[0]) };

size_t page_size;

void fail(const char *format, ...) {
  va_list args;
  va_start(args, format);
  dprintf(2, "faults: ");
  vdprintf(2, format, args);
  dprintf(2, "\n");
  va_end(args);
  exit(1);
}

void check(bool ok, const char *what) {
  if (!ok)
    fail("%s: %s", what, strerror(errno));
}

static struct faults run_on(const struct workload *work, const char *path,
                            size_t pages, bool check_quiet) {
  struct area area = {.work = work,
                      .path = path,
                      .pages = pages,
                      .step = pages * 5 / 8,
                      .check_quiet = check_quiet};
  if (work->needs_file)
    create_file(&area);
  if (work->cold)
    make_cold(&area);
  settle();
  return work->measure(&area);
}

/* Run all code once, on another file, and prove that nothing but the area
 * faults. */
static void warm_up(const struct workload *work, const char *path) {
  char warm[4096];
  int size = snprintf(warm, sizeof(warm), "%s.warm", path);
  if (size >= (int)sizeof(warm))
    fail("%s: name too long", path);
  run_on(work, warm, WARM_PAGES, true);
  if (work->needs_file)
    unlink(warm);
}

/* With -w the caller reads its own counters before and after. */
static void await_caller(bool wait, const char *message) {
  char line[64];
  if (!wait)
    return;
  dprintf(1, "%s", message);
  check(read(0, line, sizeof(line)) >= 0, "read");
}

static void run(const struct workload *work, const char *path, bool wait) {
  warm_up(work, path);
  await_caller(wait, "ready\n");
  struct faults count = run_on(work, path, work->pages, false);
  dprintf(1, "%s %ld %ld\n", work->name, count.minor, count.major);
  await_caller(wait, "");
}

static int list(void) {
  for (size_t i = 0; i < WORKLOADS; i++)
    printf("%s%s\n", workloads[i].name, workloads[i].needs_file ? " FILE" : "");
  return 0;
}

static int usage(void) {
  fprintf(
      stderr,
      "usage: faults list\n"
      "       faults [-w] NAME [FILE]\n"
      "list prints the names, and FILE after those that need one. FILE is\n"
      "created; FILE.warm is created and removed before. -w prints \"ready\""
      "\nand waits for a line before the accesses, and for another after\n"
      "the counts are printed.\n");
  return 2;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "list") == 0)
    return list();
  bool wait = argc > 1 && strcmp(argv[1], "-w") == 0;
  argc -= wait;
  argv += wait;
  page_size = (size_t)sysconf(_SC_PAGESIZE);
  for (size_t i = 0; argc > 1 && i < WORKLOADS; i++) {
    const struct workload *work = &workloads[i];
    if (strcmp(argv[1], work->name) != 0 || argc != 2 + work->needs_file)
      continue;
    run(work, work->needs_file ? argv[2] : "", wait);
    return 0;
  }
  return usage();
}
