// SPDX-License-Identifier: MIT
/* What an event costs when all CPUs have the same file or cache at once. */
#include "micro.h"
#include "worker.h"

#include <stdio.h>

#define ROUNDS 31

/* With one CPU, and with all. */
static struct {
  struct rounds base;
  double state[BPFMEM + 1][ROUNDS_MAX];
} results[2];

static struct runner *runner;

static void measure_state(const struct subject *subject,
                          const struct work *work, unsigned cpus,
                          unsigned round, enum state state, bool after) {
  if (state != NOTHING)
    state_enter(subject, state);
  for (int many = 0; many < 2; many++) {
    struct rounds *base = &results[many].base;
    double ns = runner_run_at_once(runner, work, many ? cpus : 1);

    base->count = round + 1;
    if (state != NOTHING)
      results[many].state[state][round] = ns;
    else
      (after ? base->after : base->before)[round] = ns;
  }
  if (state != NOTHING)
    state_leave();
}

static void report(const struct work *work, unsigned cpus) {
  printf("%s\n", work->name);
  for (int many = 0; many < 2; many++) {
    struct rounds *base = &results[many].base;
    const double *empty = results[many].state[EMPTY];
    const double *bpfmem = results[many].state[BPFMEM];

    rounds_judge(base, QUIET_EVENTS);
    rounds_say(base, 1);
    printf("  %2u at once: %5.0f   %-20s %-20s %s\n", many ? cpus : 1,
           rounds_base(base).middle, spread_text(rounds_added(base, empty), 0),
           spread_text(rounds_added(base, bpfmem), 0),
           rounds_ratio(&(struct added){base, bpfmem},
                        &(struct added){base, empty}));
  }
  fflush(stdout);
}

static void run(const struct subject *subject, const struct work *work,
                unsigned cpus, unsigned rounds) {
  work->run(); /* the file is mapped from here on: all have the same page */
  runner = runner_new();
  for (unsigned round = 0; round < rounds; round++) {
    enum state first = round & 1 ? BPFMEM : EMPTY;

    measure_state(subject, work, cpus, round, NOTHING, false);
    measure_state(subject, work, cpus, round, first, false);
    measure_state(subject, work, cpus, round, EMPTY + BPFMEM - first, false);
    measure_state(subject, work, cpus, round, NOTHING, true);
  }
  runner_free(runner);
  report(work, cpus);
}

void part_contention(void) {
  unsigned cpus = workers_cpus(), rounds = bench_rounds(ROUNDS);
  bool fexit = bench_setting("BENCH_FEXIT", 0);

  if (cpus > WORKERS_MAX)
    cpus = WORKERS_MAX;
  printf("ns per operation, processes on CPUs of their own, %u interleaved "
         "rounds\n%-13s %7s   %-20s %-20s %s\n",
         rounds, "", "nothing", "empty adds", "bpfmem adds", "of empty");
  run(fexit ? &subject_faults_fexit : &subject_faults, &work_hot_file, cpus,
      rounds);
  run(&subject_slab, &work_stat, cpus, rounds);
}
