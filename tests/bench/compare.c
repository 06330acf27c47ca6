// SPDX-License-Identifier: MIT
/* Interleaved rounds in one run; medians and quartiles of paired differences
 * and ratios. */
#include "micro.h"

#include <stdio.h>
#include <string.h>

static bool runs[STATE_COUNT]; /* here, as far as is known */
static double results[WORKS_MAX][STATE_COUNT][ROUNDS_MAX];
static struct rounds bases[WORKS_MAX][STATE_COUNT]; /* beside each of them */
static double nothing[WORKS_MAX];                   /* measured last */
static struct runner *runner;

static void measure_nothing(const struct work *const works[]) {
  for (int i = 0; i < WORKS_MAX && works[i]; i++)
    nothing[i] = runner_run(runner, works[i]);
}

/* Nothing is measured before and after each state, as the speed of a machine
 * changes by more than a state adds. */
static void measure(const struct subject *subject,
                    const struct work *const works[], unsigned round,
                    enum state state) {
  if (runs[state])
    runs[state] = state_enter(subject, state);
  if (!runs[state])
    return;
  for (int i = 0; i < WORKS_MAX && works[i]; i++) {
    bases[i][state].before[round] = nothing[i];
    results[i][state][round] = runner_run(runner, works[i]);
  }
  state_leave();
  measure_nothing(works);
  for (int i = 0; i < WORKS_MAX && works[i]; i++) {
    bases[i][state].after[round] = nothing[i];
    bases[i][state].count = round + 1;
  }
}

static const char *ratio_text(enum state state, enum state other, int work) {
  const struct added one = {&bases[work][state], results[work][state]};
  const struct added of = {&bases[work][other], results[work][other]};

  return rounds_ratio(&one, &of);
}

static void report_state(const struct subject *subject, enum state state,
                         int work) {
  const char *of_empty = "1", *of_tracer = "";

  if (state != EMPTY)
    of_empty = ratio_text(state, EMPTY, work);
  if (runs[TRACER] && state == TRACER)
    of_tracer = "1";
  else if (runs[TRACER] && state != EMPTY)
    of_tracer = ratio_text(state, TRACER, work);
  printf(
      "  %-24s %-24s %-20s %s\n", state_name(subject, state),
      spread_text(rounds_added(&bases[work][state], results[work][state]), 0),
      of_empty, of_tracer);
}

static void report(const struct subject *subject, const struct work *work,
                   int index) {
  for (int state = EMPTY; state < STATE_COUNT; state++)
    if (runs[state])
      rounds_judge(&bases[index][state], QUIET_EVENTS);
  rounds_say(bases[index], STATE_COUNT);
  printf("%s: %s ns\n", work->name,
         spread_text(rounds_base(&bases[index][EMPTY]), 0));
  for (int state = EMPTY; state < STATE_COUNT; state++)
    if (runs[state])
      report_state(subject, state, index);
  fflush(stdout);
}

/* There and back: what drifts with time does not favour one. */
static void measure_round(const struct subject *subject,
                          const struct work *const works[], unsigned round) {
  for (int i = EMPTY; i < STATE_COUNT; i++)
    measure(subject, works, round, round & 1 ? STATE_COUNT - i : i);
}

void compare(const struct subject *subject,
             const struct work *const works[WORKS_MAX], unsigned rounds) {
  memset(bases, 0, sizeof(bases));
  for (int state = 0; state < STATE_COUNT; state++)
    runs[state] = state_exists(subject, state);
  runner = runner_new();
  measure_nothing(works); /* the first time differs */
  measure_nothing(works);
  for (unsigned round = 0; round < rounds; round++)
    measure_round(subject, works, round);
  runner_free(runner);
  printf("\n%-26s %-24s %-20s %s\n", "medians [quartiles]", "ns added",
         "of empty", "of bpftrace");
  for (int i = 0; i < WORKS_MAX && works[i]; i++)
    report(subject, works[i], i);
}
