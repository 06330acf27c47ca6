// SPDX-License-Identifier: MIT
/* Interleaved rounds in one run; medians and quartiles of paired differences
 * and ratios. */
#include "micro.h"

#include <stdio.h>

static bool runs[STATE_COUNT]; /* here, as far as is known */
static double results[STATE_COUNT][WORKS_MAX][ROUNDS_MAX];
static struct rounds bases[WORKS_MAX];
static struct runner *runner;

static void measure(const struct subject *subject,
                    const struct work *const works[], unsigned round,
                    enum state state) {
  if (runs[state])
    runs[state] = state_enter(subject, state);
  if (!runs[state])
    return;
  for (int i = 0; i < WORKS_MAX && works[i]; i++)
    results[state][i][round] = runner_run(runner, works[i]);
  state_leave();
}

static void measure_nothing(const struct work *const works[], unsigned round,
                            bool after) {
  for (int i = 0; i < WORKS_MAX && works[i]; i++) {
    bases[i].count = round + 1;
    (after ? bases[i].after : bases[i].before)[round] =
        runner_run(runner, works[i]);
  }
}

static void report_state(const struct subject *subject, enum state state,
                         int work) {
  const struct rounds *base = &bases[work];
  const double *own = results[state][work];
  const char *of_empty = "1", *of_tracer = "";

  if (state != EMPTY)
    of_empty = spread_text(rounds_ratio(base, own, results[EMPTY][work]), 2);
  if (runs[TRACER] && state == TRACER)
    of_tracer = "1";
  else if (runs[TRACER] && state != EMPTY)
    of_tracer = spread_text(rounds_ratio(base, own, results[TRACER][work]), 2);
  printf("  %-24s %-24s %-20s %s\n", state_name(subject, state),
         spread_text(rounds_added(base, own), 0), of_empty, of_tracer);
}

static void report(const struct subject *subject, const struct work *work,
                   int index) {
  rounds_judge(&bases[index], QUIET_EVENTS);
  printf("%s: %s ns\n", work->name, spread_text(rounds_base(&bases[index]), 0));
  for (int state = EMPTY; state < STATE_COUNT; state++)
    if (runs[state])
      report_state(subject, state, index);
  fflush(stdout);
}

/* There and back: what drifts with time does not favour one. */
static void measure_round(const struct subject *subject,
                          const struct work *const works[], unsigned round) {
  measure_nothing(works, round, false);
  for (int i = EMPTY; i < STATE_COUNT; i++)
    measure(subject, works, round, round & 1 ? STATE_COUNT - i : i);
  measure_nothing(works, round, true);
}

void compare(const struct subject *subject,
             const struct work *const works[WORKS_MAX], unsigned rounds) {
  for (int state = 0; state < STATE_COUNT; state++)
    runs[state] = state_exists(subject, state);
  runner = runner_new();
  measure_nothing(works, 0, false); /* the first time differs */
  for (unsigned round = 0; round < rounds; round++)
    measure_round(subject, works, round);
  runner_free(runner);
  printf("\n%-26s %-24s %-20s %s\n", "medians [quartiles]", "ns added",
         "of empty", "of bpftrace");
  for (int i = 0; i < WORKS_MAX && works[i]; i++)
    report(subject, works[i], i);
}
