// SPDX-License-Identifier: MIT
/* Measure the faults of touching an area: alone, and in threads. */

#define _GNU_SOURCE
#include "faults.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 7, QUIET_TRIES = 5 };

long pause_ms;
double accessed_from, accessed_to;
volatile bool disturbing;

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

static double rest(void) {
  struct timespec now;
  if (pause_ms > 0)
    usleep((useconds_t)pause_ms * 1000);
  clock_gettime(CLOCK_REALTIME, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct faults count_accesses(const struct area *area, int who) {
  double from = rest();
  struct faults count = access_once(area, who);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (area->check_quiet)
    check_quiet(area, who);
  rest();
  accessed_from = from;
  accessed_to = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
  return count;
}

struct faults measure_self(struct area *area) {
  check(area->work->map(area), "mapping the area");
  struct faults count = count_accesses(area, RUSAGE_SELF);
  area->work->unmap(area);
  return count;
}

struct racer {
  pthread_t thread;
  struct area *shared;
  size_t step;
  struct faults count;
};

static pthread_barrier_t parked, mapped, touched;

static void *race(void *arg) {
  struct racer *racer = arg;
  pthread_barrier_wait(&parked);
  pthread_barrier_wait(&mapped);
  struct area own = *racer->shared;
  own.step = racer->step;
  racer->count = access_once(&own, RUSAGE_THREAD);
  pthread_barrier_wait(&touched);
  if (own.check_quiet)
    check_quiet(&own, RUSAGE_THREAD);
  return NULL;
}

static void start_racers(struct racer *racers, struct area *area) {
  pthread_barrier_init(&parked, NULL, THREADS + 1);
  pthread_barrier_init(&mapped, NULL, THREADS + 1);
  pthread_barrier_init(&touched, NULL, THREADS + 1);
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
    sum.minor += racers[i].count.minor;
    sum.major += racers[i].count.major;
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
  disturbing = area->work->disturb != NULL;
  pthread_barrier_wait(&mapped);
  if (disturbing)
    area->work->disturb(area);
  disturbing = false;
  pthread_barrier_wait(&touched);
  struct faults sum = join_racers(racers);
  area->work->unmap(area);
  return sum;
}
