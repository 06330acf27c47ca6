// SPDX-License-Identifier: MIT
/* A process on each CPU; all start together. */
#define _GNU_SOURCE
#include "worker.h"

#include "bench.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
  pthread_barrier_t barrier;
  double start[WORKERS_MAX], end[WORKERS_MAX], cpu[WORKERS_MAX],
      returned[WORKERS_MAX];
};

unsigned workers_cpus(void) {
  cpu_set_t set;

  return sched_getaffinity(0, sizeof(set), &set) ? 1
                                                 : (unsigned)CPU_COUNT(&set);
}

static struct shared *share(unsigned count) {
  struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_barrierattr_t attr;

  if (shared == MAP_FAILED)
    bench_die("mmap", errno);
  pthread_barrierattr_init(&attr);
  pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(&shared->barrier, &attr, count);
  return shared;
}

static double used_ns(int who) {
  struct rusage usage;

  getrusage(who, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

static double used_by_all(void) {
  return used_ns(RUSAGE_SELF) + used_ns(RUSAGE_CHILDREN);
}

static void stay_on(unsigned cpu) {
  cpu_set_t set;

  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof(set), &set))
    bench_die("sched_setaffinity", errno);
}

static void work(struct shared *shared, unsigned i, unsigned count,
                 double (*run)(void *arg, unsigned i, unsigned count),
                 void *arg) {
  double cpu;

  stay_on(i);
  pthread_barrier_wait(&shared->barrier);
  cpu = used_by_all();
  shared->start[i] = bench_now_ns();
  shared->returned[i] = run(arg, i, count);
  shared->end[i] = bench_now_ns();
  shared->cpu[i] = used_by_all() - cpu;
  _exit(0);
}

static void take_times(const struct shared *shared, unsigned count,
                       struct worker_times *ret_times) {
  double start = shared->start[0], end = shared->end[0];

  ret_times->cpu_ns = 0;
  for (unsigned i = 0; i < count; i++) {
    if (shared->start[i] < start)
      start = shared->start[i];
    if (shared->end[i] > end)
      end = shared->end[i];
    ret_times->cpu_ns += shared->cpu[i];
    ret_times->returned[i] = shared->returned[i];
  }
  ret_times->wall_ns = end - start;
}

void workers_run(unsigned count,
                 double (*run)(void *arg, unsigned i, unsigned count),
                 void *arg, struct worker_times *ret_times) {
  struct shared *shared = share(count);
  int status, failed = 0;

  for (unsigned i = 0; i < count; i++) {
    pid_t child = fork();

    if (child < 0)
      bench_die("fork", errno);
    if (!child)
      work(shared, i, count, run, arg);
  }
  for (unsigned i = 0; i < count; i++)
    if (wait(&status) < 0 || status)
      failed = ECHILD;
  if (failed)
    bench_die("worker", failed);
  take_times(shared, count, ret_times);
  munmap(shared, sizeof(*shared));
}
