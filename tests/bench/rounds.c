// SPDX-License-Identifier: MIT
/* Which rounds count, and what comes of them. */
#include "micro.h"

#include <stdio.h>

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

static bool is_quiet(const struct rounds *rounds, unsigned i, double limit) {
  return rounds->before[i] < limit && rounds->after[i] < limit;
}

void rounds_judge(struct rounds *rounds, double quiet) {
  double limit = lowest(rounds) * quiet;

  rounds->quiet = 0;
  for (unsigned i = 0; i < rounds->count; i++)
    if (is_quiet(rounds, i, limit))
      rounds->index[rounds->quiet++] = i;
  if (rounds->quiet == rounds->count)
    return;
  printf("  (%u of %u rounds were quiet%s)\n", rounds->quiet, rounds->count,
         rounds->quiet < 3 ? ": all count, but say little" : "");
  if (rounds->quiet >= 3)
    return;
  rounds->quiet = rounds->count;
  for (unsigned i = 0; i < rounds->count; i++)
    rounds->index[i] = i;
}

struct spread rounds_base(const struct rounds *rounds) {
  static double values[ROUNDS_MAX];

  for (unsigned i = 0; i < rounds->quiet; i++)
    values[i] = base_of(rounds, rounds->index[i]);
  return spread_of(values, rounds->quiet);
}

struct spread rounds_added(const struct rounds *rounds, const double *values) {
  static double added[ROUNDS_MAX];

  for (unsigned i = 0; i < rounds->quiet; i++)
    added[i] = values[rounds->index[i]] - base_of(rounds, rounds->index[i]);
  return spread_of(added, rounds->quiet);
}

struct spread rounds_ratio(const struct rounds *rounds, const double *values,
                           const double *others) {
  static double ratios[ROUNDS_MAX];

  for (unsigned i = 0; i < rounds->quiet; i++) {
    unsigned round = rounds->index[i];
    double base = base_of(rounds, round);

    ratios[i] = (values[round] - base) / (others[round] - base);
  }
  return spread_of(ratios, rounds->quiet);
}
