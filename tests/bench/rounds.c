// SPDX-License-Identifier: MIT
/* Which rounds count, and what comes of them. */
#include "micro.h"

#include <stdio.h>

#define DISTURBED 1.25
#define DRAWS 201
#define QUIET_MIN 3

static double base_of(const struct rounds *rounds, unsigned i) {
  return (rounds->before[i] + rounds->after[i]) / 2;
}

static double lowest(const struct rounds *rounds) {
  double low = rounds->before[0];

  for (unsigned i = 0; i < rounds->count; i++) {
    if (rounds->before[i] < low)
      low = rounds->before[i];
    if (rounds->after[i] < low)
      low = rounds->after[i];
  }
  return low;
}

/* Both bases alike, and not both disturbed. A clock that changes between rounds
 * is none of that. */
static bool is_quiet(const struct rounds *rounds, unsigned i, double quiet,
                     double limit) {
  double before = rounds->before[i], after = rounds->after[i];

  return before < after * quiet && after < before * quiet && before < limit;
}

void rounds_judge(struct rounds *rounds, double quiet) {
  double limit = lowest(rounds) * DISTURBED;

  rounds->quiet = 0;
  for (unsigned i = 0; i < rounds->count; i++)
    if (is_quiet(rounds, i, quiet, limit))
      rounds->index[rounds->quiet++] = i;
  rounds->disturbed = rounds->count - rounds->quiet;
  if (rounds->quiet >= QUIET_MIN)
    return;
  rounds->quiet = rounds->count;
  for (unsigned i = 0; i < rounds->count; i++)
    rounds->index[i] = i;
}

void rounds_say(const struct rounds *rounds, unsigned count) {
  unsigned all = 0, disturbed = 0;

  for (unsigned i = 0; i < count; i++) {
    if (rounds[i].count > all)
      all = rounds[i].count;
    if (rounds[i].disturbed > disturbed)
      disturbed = rounds[i].disturbed;
  }
  if (disturbed)
    printf("  (%u of %u rounds were quiet%s)\n", all - disturbed, all,
           all - disturbed < QUIET_MIN ? ": all count, but say little" : "");
}

struct spread rounds_base(const struct rounds *rounds) {
  static double values[ROUNDS_MAX];

  for (unsigned i = 0; i < rounds->quiet; i++)
    values[i] = base_of(rounds, rounds->index[i]);
  return spread_of(values, rounds->quiet);
}

static void fill_added(const struct rounds *rounds, const double *values,
                       double *ret_added) {
  for (unsigned i = 0; i < rounds->quiet; i++)
    ret_added[i] = values[rounds->index[i]] - base_of(rounds, rounds->index[i]);
}

struct spread rounds_added(const struct rounds *rounds, const double *values) {
  static double added[ROUNDS_MAX];

  fill_added(rounds, values, added);
  return spread_of(added, rounds->quiet);
}

/* The same numbers in every run. */
static unsigned draw(unsigned below) {
  static unsigned state = 1;

  state = state * 1664525 + 1013904223;
  return (state >> 16) % below;
}

/* Of as many values as there are, each drawn from all. */
static double drawn_median(const double *values, unsigned count) {
  static double drawn[ROUNDS_MAX];

  for (unsigned i = 0; i < count; i++)
    drawn[i] = values[draw(count)];
  return spread_of(drawn, count).middle;
}

const char *rounds_ratio(const struct added *one, const struct added *other) {
  static double added[2][ROUNDS_MAX], ratios[DRAWS];
  double own, others;
  struct spread ratio;

  fill_added(one->rounds, one->values, added[0]);
  fill_added(other->rounds, other->values, added[1]);
  for (unsigned i = 0; i < DRAWS; i++) {
    others = drawn_median(added[1], other->rounds->quiet);
    if (others <= 0)
      return "-";
    ratios[i] = drawn_median(added[0], one->rounds->quiet) / others;
  }
  own = spread_of(added[0], one->rounds->quiet).middle;
  others = spread_of(added[1], other->rounds->quiet).middle;
  ratio = spread_of(ratios, DRAWS);
  ratio.middle = own / others;
  return spread_text(ratio, 2);
}
