// SPDX-License-Identifier: MIT
/* Map a file, keep it, and fault on it as often as asked, so that a test can
 * rename it, remove it or ask the kernel for its name in between. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MEMFD_PAGES = 211 };

struct mapped {
  char *base;
  size_t size;
  bool read_only;
};

static size_t page_size;

static void check(bool ok, const char *what) {
  if (ok)
    return;
  fprintf(stderr, "mapped: %s: %s\n", what, strerror(errno));
  exit(1);
}

/* A mount namespace of our own whose root is `dir`, as containers have it: the
 * new root is stacked on the old one, which is then taken from below it. */
static void enter_container(const char *dir) {
  check(unshare(CLONE_NEWNS) == 0, "unshare");
  check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
  check(mount(dir, dir, NULL, MS_BIND | MS_REC, NULL) == 0, dir);
  check(chdir(dir) == 0, dir);
  check(syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root");
  check(umount2(".", MNT_DETACH) == 0, "umount of the old root");
  check(chdir("/") == 0, "/");
}

static void enter_chroot(const char *dir) {
  check(chroot(dir) == 0 && chdir("/") == 0, dir);
}

static int open_memfd(const char *name) {
  int fd = memfd_create(name, 0);
  check(fd >= 0, "memfd_create");
  check(ftruncate(fd, (off_t)(MEMFD_PAGES * page_size)) == 0, "ftruncate");
  return fd;
}

static int open_file(const char *path) {
  int fd = open(path, O_RDONLY);
  check(fd >= 0, path);
  return fd;
}

/* O_TMPFILE in a directory. */
static int open_nameless(const char *dir) {
  int fd = open(dir, O_TMPFILE | O_RDWR, 0600);
  check(fd >= 0, dir);
  check(ftruncate(fd, (off_t)(MEMFD_PAGES * page_size)) == 0, "ftruncate");
  return fd;
}

/* A private page that is written faults once, whether others are mapped around
 * it or not. */
static void map(struct mapped *area, int fd) {
  struct stat status;
  check(fstat(fd, &status) == 0, "fstat");
  area->size = (size_t)status.st_size / page_size * page_size;
  area->base =
      mmap(NULL, area->size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  check(area->base != MAP_FAILED, "mmap");
  close(fd);
}

static struct rusage usage_now(void) {
  struct rusage usage;
  check(getrusage(RUSAGE_SELF, &usage) == 0, "getrusage");
  return usage;
}

static void touch(const struct mapped *area) {
  for (size_t at = 0; at < area->size; at += page_size) {
    volatile char *page = area->base + at;
    if (area->read_only)
      (void)*page;
    else
      *page = 1;
  }
}

/* Every page is taken away before, so that each time is like the first. */
static void touch_and_report(const struct mapped *area) {
  check(madvise(area->base, area->size, MADV_DONTNEED) == 0, "madvise");
  struct rusage before = usage_now();
  touch(area);
  struct rusage after = usage_now();
  dprintf(1, "%ld %ld\n", after.ru_minflt - before.ru_minflt,
          after.ru_majflt - before.ru_majflt);
}

static void serve(const struct mapped *area) {
  char line[16];
  dprintf(1, "%d %lx-%lx\n", getpid(), (unsigned long)area->base,
          (unsigned long)area->base + area->size);
  while (read(0, line, sizeof(line)) > 0)
    touch_and_report(area);
}

static int usage(void) {
  fprintf(stderr,
          "usage: mapped [-r] [-c DIR | -p DIR] [-m | -t] FILE\n"
          "Maps FILE, prints its process id and START-END, as in\n"
          "/proc/PID/map_files; then for each line of input faults on each\n"
          "page and prints minflt and majflt of getrusage.\n"
          "-r reads pages, which are otherwise written (privately)\n"
          "-c chroot to DIR, -p a mount namespace whose root is DIR\n"
          "-m FILE is the name of a memfd, -t a directory for O_TMPFILE\n");
  return 2;
}

int main(int argc, char **argv) {
  struct mapped area = {.read_only = false};
  int (*open_it)(const char *) = open_file;
  int option;

  page_size = (size_t)sysconf(_SC_PAGESIZE);
  while ((option = getopt(argc, argv, "rc:p:mt")) != -1) {
    switch (option) {
    case 'r':
      area.read_only = true;
      break;
    case 'c':
      enter_chroot(optarg);
      break;
    case 'p':
      enter_container(optarg);
      break;
    case 'm':
      open_it = open_memfd;
      break;
    case 't':
      open_it = open_nameless;
      break;
    default:
      return usage();
    }
  }
  if (optind + 1 != argc)
    return usage();
  /* All but the area is resident and private from here on. */
  usage_now();
  int fd = open_it(argv[optind]);
  check(mlockall(MCL_CURRENT) == 0, "mlockall");
  map(&area, fd);
  serve(&area);
  return 0;
}
