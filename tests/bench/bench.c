// SPDX-License-Identifier: MIT
/* What a probe adds to an operation, beside what empty programs at the same
 * hooks add: interleaved rounds in one run, medians of paired differences. */
#include "bench.h"

#include "probe.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 41
#define BURSTS 5 /* per round: the fastest one counts */

enum state { NOTHING, EMPTY, BPFMEM, STATE_COUNT };

struct comparison {
  enum probe_id probe;
  enum empty_set empty;
  const struct work *works[4];
};

static const struct comparison comparisons[] = {
    {PROBE_SLAB, EMPTY_SLAB_TRACEPOINTS, {&work_stat, &work_open_close}},
    {PROBE_PAGEFAULT,
     EMPTY_FAULT_TRACEPOINTS,
     {&work_read_fault, &work_write_fault, &work_anon_fault}},
};

static void log_error(void *arg, enum log_level level, const char *text) {
  (void)arg;
  if (level == LOG_LEVEL_ERROR)
    fprintf(stderr, "bench: %s\n", text);
}

static double fastest(const struct work *work) {
  double best = work->run();

  for (int i = 1; i < BURSTS; i++) {
    double ns = work->run();

    if (ns < best)
      best = ns;
  }
  return best;
}

/* Measures under one state. Exits when the kernel refuses it. */
static double measure(const struct comparison *comparison, enum state state,
                      const struct work *work) {
  struct probe_options options = {.hooks = SETTINGS_HOOKS_TRACEPOINT,
                                  .max_tracked = 8192,
                                  .log = {.write = log_error}};
  const struct probe *probe = probes[comparison->probe];
  struct empty *empty = NULL;
  void *ctx = NULL;
  double ns;
  int err = 0;

  if (state == EMPTY)
    err = empty_open(comparison->empty, &empty);
  else if (state == BPFMEM)
    err = probe->open(&options, &ctx);
  if (err) {
    fprintf(stderr, "bench: %s: %s\n", probe->name, strerror(-err));
    exit(1);
  }
  ns = fastest(work);
  empty_close(empty);
  probe->close(ctx);
  return ns;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

struct spread {
  double low, middle, high;
};

static struct spread quartiles(double values[ROUNDS]) {
  qsort(values, ROUNDS, sizeof(*values), compare);
  return (struct spread){values[ROUNDS / 4], values[ROUNDS / 2],
                         values[3 * ROUNDS / 4]};
}

static void report(const struct work *work, double ns[STATE_COUNT][ROUNDS]) {
  double empty[ROUNDS], bpfmem[ROUNDS];
  struct spread base, e, b;

  for (int i = 0; i < ROUNDS; i++) {
    empty[i] = ns[EMPTY][i] - ns[NOTHING][i];
    bpfmem[i] = ns[BPFMEM][i] - ns[NOTHING][i];
  }
  base = quartiles(ns[NOTHING]);
  e = quartiles(empty);
  b = quartiles(bpfmem);
  printf(
      "%-26s %8.0f   %+6.0f [%+.0f..%+.0f]   %+6.0f [%+.0f..%+.0f]   %5.2f\n",
      work->name, base.middle, e.middle, e.low, e.high, b.middle, b.low, b.high,
      b.middle / e.middle);
  fflush(stdout);
}

static void run(const struct comparison *comparison, const struct work *work) {
  static double ns[STATE_COUNT][ROUNDS];

  for (int round = 0; round < ROUNDS; round++)
    for (int state = 0; state < STATE_COUNT; state++)
      ns[state][round] = measure(comparison, state, work);
  report(work, ns);
}

int main(void) {
  log_libbpf(NULL);
  printf("ns per operation, medians of %d interleaved rounds [quartiles]\n",
         ROUNDS);
  printf("%-26s %8s   %-18s   %-18s   %s\n", "operation", "nothing",
         "empty programs add", "bpfmem adds", "ratio");
  for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++)
    for (int j = 0; comparisons[i].works[j]; j++)
      run(&comparisons[i], comparisons[i].works[j]);
  return 0;
}
