// SPDX-License-Identifier: MIT
/* Fault on many files at once, so that there is no room for all of them, or for
 * all their names; in turn, as often as asked; as a process that has as many
 * other mappings as asked. To read is one call of the kernel's for each; a
 * first write to a mapping is tried twice since 6.4. Prints "many minflt
 * majflt" of getrusage. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FILES_MAX = 4096 };

static volatile char *pages[FILES_MAX];

static void check(bool ok, const char *what) {
  if (ok)
    return;
  fprintf(stderr, "many: %s: %s\n", what, strerror(errno));
  exit(1);
}

static volatile char *map_file(long index, long size) {
  char name[32];
  void *map;
  int fd;

  snprintf(name, sizeof(name), "many-%ld", index);
  fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  check(fd >= 0 && !ftruncate(fd, size), name);
  check(pwrite(fd, "m", 1, 0) == 1, name); /* cached: one minor fault each */
  map = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
  check(map != MAP_FAILED, name);
  close(fd);
  return map;
}

/* Every other page is a mapping of its own, so that the kernel cannot merge
 * them. */
static void add_mappings(size_t count, size_t page) {
  char *base = mmap(NULL, (count + 1) * page, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  check(base != MAP_FAILED, "mmap");
  for (size_t i = 1; i < count; i += 2)
    check(!mprotect(base + i * page, page, PROT_READ), "mprotect");
}

static void read_all(long count, size_t size) {
  for (long i = 0; i < count; i++)
    (void)*pages[i];
  for (long i = 0; i < count; i++)
    check(!madvise((void *)pages[i], size, MADV_DONTNEED), "madvise");
}

static void usage(void) {
  fprintf(stderr,
          "usage: many COUNT [ROUNDS [MAPPINGS]]\n"
          "Reads a page of each of COUNT files, many-0 and so on in the\n"
          "working directory, through private mappings, all in one go, and\n"
          "again as they are not mapped any more, ROUNDS times (1), with\n"
          "MAPPINGS more mappings (0).\n");
  exit(2);
}

static long number(int argc, char **argv, int index, long otherwise) {
  return argc > index ? strtol(argv[index], NULL, 10) : otherwise;
}

int main(int argc, char **argv) {
  long count = number(argc, argv, 1, 0), rounds = number(argc, argv, 2, 1);
  long mappings = number(argc, argv, 3, 0), page = sysconf(_SC_PAGESIZE);
  struct rusage before, after;

  if (count < 1 || count > FILES_MAX || rounds < 1 || mappings < 0 || argc > 4)
    usage();
  /* All but the files is resident and private from here on. */
  check(!mlockall(MCL_CURRENT) && !getrusage(RUSAGE_SELF, &after), "mlockall");
  add_mappings((size_t)mappings, (size_t)page);
  for (long i = 0; i < count; i++)
    pages[i] = map_file(i, page);
  check(!getrusage(RUSAGE_SELF, &before), "getrusage");
  for (long i = 0; i < rounds; i++)
    read_all(count, (size_t)page);
  check(!getrusage(RUSAGE_SELF, &after), "getrusage");
  printf("many %ld %ld\n", after.ru_minflt - before.ru_minflt,
         after.ru_majflt - before.ru_majflt);
  return 0;
}
