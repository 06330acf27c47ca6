// SPDX-License-Identifier: MIT
/* More than tables have room for. Prints "KIND COUNT minflt majflt" of
 * getrusage, children included. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, CHILDREN = 64 };

static void check(bool ok, const char *what) {
  if (ok)
    return;
  fprintf(stderr, "storm: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int create(long index) {
  char name[32];
  int fd;

  snprintf(name, sizeof(name), "storm-%ld", index);
  fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  check(fd >= 0 && !unlink(name), name);
  return fd;
}

/* A file of its own, written and read through a mapping. */
static void fault_on_file(long index) {
  int fd = create(index);
  volatile char *page;

  check(!ftruncate(fd, PAGE), "ftruncate");
  page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  check(page != MAP_FAILED, "mmap");
  *page = 1;
  check(!munmap((void *)page, PAGE), "munmap");
  close(fd);
}

static void make_name(long index) {
  close(create(index));
}

/* As many at once as there may be. */
static void make_child(long index) {
  pid_t child = fork();

  if (child == 0)
    _exit(0);
  if (child < 0 || index % CHILDREN == CHILDREN - 1)
    while (wait(NULL) > 0)
      ;
}

/* A child that takes memory until it is killed, before others are. */
static void make_hog(long index) {
  static const char first[] = "1000";
  const size_t step = 1 << 20;
  pid_t child = fork();
  int fd;

  (void)index;
  check(child >= 0, "fork");
  if (child > 0) {
    check(wait(NULL) == child, "wait");
    return;
  }
  fd = open("/proc/self/oom_score_adj", O_WRONLY);
  check(fd >= 0 && write(fd, first, sizeof(first) - 1) > 0, "oom_score_adj");
  for (;;) {
    char *memory = mmap(NULL, step, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory != MAP_FAILED)
      memset(memory, 1, step);
  }
}

static const struct kind {
  const char *name;
  void (*step)(long index);
} kinds[] = {{"files", fault_on_file},
             {"names", make_name},
             {"forks", make_child},
             {"hogs", make_hog}};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void run(const struct kind *kind, long count) {
  struct rusage own, children;

  for (long i = 0; i < count; i++)
    kind->step(i);
  while (wait(NULL) > 0)
    ;
  check(!getrusage(RUSAGE_SELF, &own), "getrusage");
  check(!getrusage(RUSAGE_CHILDREN, &children), "getrusage");
  printf("%s %ld %ld %ld\n", kind->name, count,
         own.ru_minflt + children.ru_minflt,
         own.ru_majflt + children.ru_majflt);
}

int main(int argc, char **argv) {
  long count = argc == 3 ? strtol(argv[2], NULL, 10) : 0;

  for (int i = 0; i < KINDS && count > 0; i++)
    if (!strcmp(argv[1], kinds[i].name)) {
      run(&kinds[i], count);
      return 0;
    }
  fprintf(stderr, "usage: storm files|names|forks|hogs COUNT\n"
                  "In the working directory: files that are faulted on, files\n"
                  "that come and go, processes that do, or that take all\n"
                  "memory and are killed.\n");
  return 2;
}
