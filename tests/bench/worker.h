/* SPDX-License-Identifier: MIT */
/* Does something on several CPUs at once, by a process on each. */
#ifndef BPFMEM_BENCH_WORKER_H
#define BPFMEM_BENCH_WORKER_H

#define WORKERS_MAX 64

struct worker_times {
  double wall_ns; /* from the start of all to the end of the last */
  double cpu_ns;  /* of all, with the processes that they waited for */
  double returned[WORKERS_MAX];
};

/* Process `i` of `count` runs on CPU `i` alone. */
void workers_run(unsigned count,
                 double (*run)(void *arg, unsigned i, unsigned count),
                 void *arg, struct worker_times *ret_times);

/* CPUs that this process may run on. */
unsigned workers_cpus(void);

#endif
