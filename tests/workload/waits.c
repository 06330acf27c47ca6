// SPDX-License-Identifier: MIT
/* Wait for pages of a file, and tell how often and how long by the threads' own
 * clocks: what a series of the time stalled is compared with. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 64, WRITE_SIZE = 1 << 20 };

struct waiter {
  pthread_t thread;
  size_t first, count; /* accesses */
  uint64_t major, stalled_ns, way_ns;
};

static char *area;
static size_t pages, page_size;

static void check(bool ok, const char *what) {
  if (ok)
    return;
  fprintf(stderr, "waits: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct rusage usage_now(void) {
  struct rusage usage;
  check(getrusage(RUSAGE_THREAD, &usage) == 0, "getrusage");
  return usage;
}

static uint64_t touch(const volatile char *page) {
  uint64_t started = now_ns();

  (void)*page;
  return now_ns() - started;
}

/* Adds what it had to wait for the page. Returns the time of an access that was
 * no wait, else 0. */
static uint64_t access_page(struct waiter *waiter, const char *page) {
  struct rusage before = usage_now(), after;
  uint64_t ns = touch(page);

  after = usage_now();
  if (after.ru_majflt == before.ru_majflt)
    return ns;
  waiter->major += (uint64_t)(after.ru_majflt - before.ru_majflt);
  waiter->stalled_ns += ns;
  return 0;
}

/* One page. Then the same without the wait: the page is in memory, and not
 * mapped. If another thread has its lock then, that is a major fault, too. */
static void wait_for(struct waiter *waiter, size_t access) {
  uint64_t major = waiter->major;
  /* Each page has its turn once, and none is near the one before. */
  char *page = area + access * (pages / 8 * 5 + 1) % pages * page_size;

  access_page(waiter, page);
  if (waiter->major == major)
    return;
  check(madvise(page, page_size, MADV_DONTNEED) == 0, "madvise");
  waiter->way_ns += access_page(waiter, page);
}

static void *run(void *arg) {
  struct waiter *waiter = arg;
  for (size_t i = 0; i < waiter->count; i++)
    wait_for(waiter, waiter->first + i);
  return NULL;
}

/* On the disk, and no longer in memory. */
static int make_file(const char *path) {
  static char data[WRITE_SIZE];
  int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  check(fd >= 0, path);
  memset(data, 7, sizeof(data));
  for (size_t done = 0; done < pages * page_size; done += sizeof(data))
    check(write(fd, data, sizeof(data)) == sizeof(data), "write");
  check(fsync(fd) == 0, "fsync");
  return fd;
}

static void map_cold(int fd) {
  check(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0, "posix_fadvise");
  void *base = mmap(NULL, pages * page_size, PROT_READ, MAP_SHARED, fd, 0);
  check(base != MAP_FAILED, "mmap");
  check(madvise(base, pages * page_size, MADV_RANDOM) == 0, "madvise");
  area = base;
}

static void wait_all(struct waiter *waiters, size_t threads, size_t accesses) {
  for (size_t i = 0; i < threads; i++) {
    waiters[i].count = accesses / threads + (i < accesses % threads);
    waiters[i].first = i ? waiters[i - 1].first + waiters[i - 1].count : 0;
    check(!pthread_create(&waiters[i].thread, NULL, run, &waiters[i]),
          "pthread_create");
  }
  for (size_t i = 0; i < threads; i++)
    check(!pthread_join(waiters[i].thread, NULL), "pthread_join");
}

/* A thread that is woken gets a processor at once. On a busy machine it would
 * wait for one after the fault has ended, which is no wait for the file. */
static void go_first(void) {
  struct sched_param param = {.sched_priority = 1};
  check(sched_setscheduler(0, SCHED_FIFO, &param) == 0, "sched_setscheduler");
}

int main(int argc, char **argv) {
  static struct waiter waiters[THREADS_MAX];
  struct waiter all = {0};
  size_t accesses = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
  size_t threads = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;

  if (!accesses || !threads || threads > THREADS_MAX) {
    fprintf(stderr, "usage: waits FILE ACCESSES THREADS\n"
                    "Makes FILE, and reads that many of its pages by so many "
                    "threads, none of them in memory. Prints\n"
                    "MAJFLT MICROSECONDS that they waited in majors, and "
                    "MICROSECONDS that\nas many faults took that did not "
                    "wait.\n");
    return 2;
  }
  page_size = (size_t)sysconf(_SC_PAGESIZE);
  pages = (2 * accesses * page_size / WRITE_SIZE + 1) * WRITE_SIZE / page_size;
  map_cold(make_file(argv[1]));
  go_first();
  wait_all(waiters, threads, accesses);
  for (size_t i = 0; i < threads; i++) {
    all.major += waiters[i].major;
    all.stalled_ns += waiters[i].stalled_ns;
    all.way_ns += waiters[i].way_ns;
  }
  printf("%ju %ju %ju\n", (uintmax_t)all.major,
         (uintmax_t)(all.stalled_ns / 1000), (uintmax_t)(all.way_ns / 1000));
  return 0;
}
