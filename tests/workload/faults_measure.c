// SPDX-License-Identifier: MIT
/* Measure the faults of touching an area: alone, in children, in threads. */

#define _GNU_SOURCE
#include "faults.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  CHILDREN = 17,
  THREADS = 7,
  QUIET_TRIES = 5,
};

void settle(void) {
  check(mlockall(MCL_CURRENT) == 0, "mlockall");
}

static struct faults faults_so_far(int who) {
  struct rusage usage;
  check(getrusage(who, &usage) == 0, "getrusage");
  return (struct faults){usage.ru_minflt, usage.ru_majflt};
}

static struct faults access_once(const struct area *area, int who) {
  struct faults before = faults_so_far(who);
  area->work->access(area);
  struct faults after = faults_so_far(who);
  return (struct faults){after.minor - before.minor,
                         after.major - before.major};
}

/* The same accesses once more must not fault: else there would be something
 * besides the area that faults. The kernel may protect a shared page again
 * when it writes it back, so one quiet pass of a few is enough. */
static void check_quiet(const struct area *area, int who) {
  struct faults again = {0, 0};
  for (int i = 0; i < QUIET_TRIES; i++) {
    again = access_once(area, who);
    if (again.minor + again.major == 0)
      return;
  }
  fail("%s: still %ld minor and %ld major faults when repeated",
       area->work->name, again.minor, again.major);
}

static struct faults count_accesses(const struct area *area, int who) {
  struct faults count = access_once(area, who);
  if (area->check_quiet)
    check_quiet(area, who);
  return count;
}

struct faults measure_self(struct area *area) {
  check(area->work->map(area), "mapping the area");
  struct faults count = count_accesses(area, RUSAGE_SELF);
  area->work->unmap(area);
  return count;
}

/* A child has copy-on-write and page-table faults of its own, which are done
 * with before it maps the file. */
static void __attribute__((noreturn)) run_child(struct area *area, int fd) {
  settle();
  struct faults count = measure_self(area);
  bool ok = write(fd, &count, sizeof(count)) == sizeof(count);
  _exit(ok ? 0 : 1);
}

static void add_faults(struct faults *sum, struct faults count) {
  sum->minor += count.minor;
  sum->major += count.major;
}

static struct faults collect_children(int fd) {
  struct faults sum = {0, 0}, count;
  for (int i = 0; i < CHILDREN; i++) {
    if (read(fd, &count, sizeof(count)) != sizeof(count))
      fail("a child failed");
    add_faults(&sum, count);
  }
  return sum;
}

static void reap_children(void) {
  int status;
  while (wait(&status) > 0)
    if (status != 0)
      fail("a child ended with status %#x", status);
}

struct faults measure_children(struct area *area) {
  int fds[2];
  check(pipe(fds) == 0, "pipe");
  for (int i = 0; i < CHILDREN; i++) {
    pid_t pid = fork();
    check(pid >= 0, "fork");
    area->step = (size_t)i + 1;
    if (pid == 0)
      run_child(area, fds[1]);
  }
  /* Without our own end of it, the read fails when a child died. */
  close(fds[1]);
  struct faults sum = collect_children(fds[0]);
  close(fds[0]);
  reap_children();
  return sum;
}

struct racer {
  pthread_t thread;
  struct area *shared;
  struct area own;
  size_t step;
  struct faults count;
};

static pthread_barrier_t parked, mapped;

static void *race(void *arg) {
  struct racer *racer = arg;
  pthread_barrier_wait(&parked);
  pthread_barrier_wait(&mapped);
  racer->own = *racer->shared;
  racer->own.step = racer->step;
  racer->count = count_accesses(&racer->own, RUSAGE_THREAD);
  return NULL;
}

static void start_racers(struct racer *racers, struct area *area) {
  pthread_barrier_init(&parked, NULL, THREADS + 1);
  pthread_barrier_init(&mapped, NULL, THREADS + 1);
  for (size_t i = 0; i < THREADS; i++) {
    racers[i].shared = area;
    racers[i].step = i + 1;
    int err = pthread_create(&racers[i].thread, NULL, race, &racers[i]);
    if (err != 0)
      fail("pthread_create: %s", strerror(err));
  }
}

static struct faults join_racers(struct racer *racers) {
  struct faults sum = {0, 0};
  for (size_t i = 0; i < THREADS; i++) {
    pthread_join(racers[i].thread, NULL);
    add_faults(&sum, racers[i].count);
  }
  return sum;
}

/* The threads' stacks exist, and are settled, before the area does. */
struct faults measure_threads(struct area *area) {
  static struct racer racers[THREADS];
  start_racers(racers, area);
  pthread_barrier_wait(&parked);
  settle();
  check(area->work->map(area), "mapping the area");
  pthread_barrier_wait(&mapped);
  struct faults sum = join_racers(racers);
  area->work->unmap(area);
  return sum;
}
