// SPDX-License-Identifier: MIT
/* A process that does work when it is told to, and nothing else. */
#include "micro.h"
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Bursts are shorter than a time slice, and what another program adds to one is
 * not in the fastest. */
#define BURSTS_MIN 5
#define ENOUGH_NS 15e6
#define BURSTS_AT_ONCE 25

struct runner {
  pid_t process;
  int orders, results; /* pipes to it and from it */
};

struct order {
  const struct work *work;
  unsigned cpus; /* 0: by itself, where it is */
};

static double fastest(const struct work *work) {
  double start = bench_now_ns(), best = work->run();

  for (int i = 1; i < BURSTS_MIN || bench_now_ns() - start < ENOUGH_NS; i++) {
    double ns = work->run();

    if (ns < best)
      best = ns;
  }
  return best;
}

static double median(void *arg, unsigned i, unsigned count) {
  const struct work *work = arg;
  double bursts[BURSTS_AT_ONCE];

  (void)i;
  (void)count;
  for (int burst = 0; burst < BURSTS_AT_ONCE; burst++)
    bursts[burst] = work->run();
  return spread_of(bursts, BURSTS_AT_ONCE).middle;
}

static double at_once(const struct order *order) {
  struct worker_times times;
  double sum = 0;

  workers_run(order->cpus, median, (void *)order->work, &times);
  for (unsigned i = 0; i < order->cpus; i++)
    sum += times.returned[i];
  return sum / order->cpus;
}

static void serve(int orders, int results) {
  struct order order;

  while (read(orders, &order, sizeof(order)) == sizeof(order)) {
    double ns = order.cpus ? at_once(&order) : fastest(order.work);

    if (write(results, &ns, sizeof(ns)) != sizeof(ns))
      break;
  }
  _exit(0);
}

struct runner *runner_new(void) {
  struct runner *runner = calloc(1, sizeof(*runner));
  int orders[2], results[2];

  if (!runner || pipe(orders) || pipe(results))
    bench_die("pipe", errno);
  runner->process = fork();
  if (runner->process < 0)
    bench_die("fork", errno);
  if (!runner->process) {
    close(orders[1]);
    serve(orders[0], results[1]);
  }
  close(orders[0]);
  close(results[1]);
  runner->orders = orders[1];
  runner->results = results[0];
  return runner;
}

static double carry_out(struct runner *runner, const struct order *order) {
  double ns;

  if (write(runner->orders, order, sizeof(*order)) != sizeof(*order) ||
      read(runner->results, &ns, sizeof(ns)) != sizeof(ns))
    bench_die("the process that works", EPIPE);
  return ns;
}

double runner_run(struct runner *runner, const struct work *work) {
  return carry_out(runner, &(struct order){.work = work});
}

double runner_run_at_once(struct runner *runner, const struct work *work,
                          unsigned cpus) {
  return carry_out(runner, &(struct order){.work = work, .cpus = cpus});
}

void runner_free(struct runner *runner) {
  close(runner->orders);
  close(runner->results);
  waitpid(runner->process, NULL, 0);
  free(runner);
}
