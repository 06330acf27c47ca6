// SPDX-License-Identifier: MIT
/* A process that does work when it is told to, and nothing else. */
#include "micro.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Bursts are shorter than a time slice, and what another program adds to one is
 * not in the fastest. */
#define BURSTS_MIN 5
#define ENOUGH_NS 40e6

struct runner {
  pid_t process;
  int orders, results; /* pipes to it and from it */
};

static void serve(int orders, int results) {
  const struct work *work;

  while (read(orders, &work, sizeof(work)) == sizeof(work)) {
    double ns = work_fastest(work, BURSTS_MIN, ENOUGH_NS);

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

double runner_run(struct runner *runner, const struct work *work) {
  double ns;

  if (write(runner->orders, &work, sizeof(work)) != sizeof(work) ||
      read(runner->results, &ns, sizeof(ns)) != sizeof(ns))
    bench_die("the process that works", EPIPE);
  return ns;
}

void runner_free(struct runner *runner) {
  close(runner->orders);
  close(runner->results);
  waitpid(runner->process, NULL, 0);
  free(runner);
}
