// SPDX-License-Identifier: MIT
/* How many names writers get to see when the busiest files change all the time:
 * the real core, fed by a simulated kernel and clock, beside a ranking that
 * publishes the busiest of each read. */
#define _GNU_SOURCE
#include "core/orders.h"
#include "core/sampler.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 200, NEW_FILES = 40, EVENTS = 1009, NAME_SIZE = 64 };

#define SECOND_NS UINT64_C(1000000000)
#define HOUR_S 3600

/* What some writer has seen. */
struct names {
  void *tree;                  /* tsearch() */
  unsigned long count, starts; /* a start: not in the read before */
};

struct kernel {
  struct source_row slots[FILES];
  char names[FILES][NAME_SIZE];
  unsigned long delta[FILES], shown_in[FILES]; /* shown_in: that read */
  unsigned files, max_series;
  bool bursts;
  uint64_t noise;
  unsigned long read;
  struct names naive;
};

static void fail(const char *what) {
  fprintf(stderr, "churn: %s\n", what);
  exit(1);
}

static void add_name(struct names *names, const char *text, bool starts) {
  char *name = strdup(text);
  char **found = name ? tsearch(name, &names->tree,
                                (int (*)(const void *, const void *))strcmp)
                      : NULL;

  if (!found)
    fail("no memory");
  names->starts += starts;
  if (*found == name)
    names->count++;
  else
    free(name);
}

/* Knuth's MMIX: the same numbers on every machine. */
static unsigned noise(struct kernel *kernel, unsigned below) {
  kernel->noise =
      kernel->noise * UINT64_C(6364136223846793005) + 1442695040888963407;
  return (unsigned)(kernel->noise >> 33) % below;
}

/* Files as machines have them: the Nth busiest has 1/N of the events of the
 * first, and in a single read between an eighth and the eightfold. */
static unsigned long burst(struct kernel *kernel, unsigned i) {
  unsigned long mean = 100UL * EVENTS / (i + 1);

  return (mean << noise(kernel, 7)) >> 3;
}

static void make_events(struct kernel *kernel, unsigned i) {
  struct source_row *slot = &kernel->slots[i];

  if (kernel->bursts) {
    snprintf(kernel->names[i], NAME_SIZE, "/srv/file%u", i);
    kernel->delta[i] = burst(kernel, i);
    slot->owner = 1;
  } else {
    snprintf(kernel->names[i], NAME_SIZE, "/churn/%lu/%u", kernel->read, i);
    kernel->delta[i] = EVENTS;
    kernel->shown_in[i] = 0;
    slot->owner++;
  }
  slot->slot = i;
  slot->kind = ROW_ENTITY;
  slot->name = kernel->names[i];
  slot->events[ROW_FIRST] += kernel->delta[i];
}

/* The busiest of this read, whatever was before. */
static void rank_naively(struct kernel *kernel) {
  for (unsigned shown = 0; shown < kernel->max_series; shown++) {
    unsigned best = 0;

    for (unsigned i = 1; i < kernel->files; i++)
      if (kernel->delta[i] > kernel->delta[best])
        best = i;
    add_name(&kernel->naive, kernel->names[best],
             !kernel->shown_in[best] ||
                 kernel->shown_in[best] + 1 != kernel->read);
    kernel->shown_in[best] = kernel->read;
    kernel->delta[best] = 0;
  }
}

static int harvest(void *ctx,
                   void (*take)(void *arg, const struct source_row *row),
                   void *arg) {
  struct kernel *kernel = ctx;

  kernel->read++;
  for (unsigned i = 0; i < kernel->files; i++) {
    make_events(kernel, i);
    take(arg, &kernel->slots[i]);
  }
  rank_naively(kernel);
  return 0;
}

static void write_row(void *arg, const struct sampler_row *row) {
  if (row->kind == ROW_ENTITY)
    add_name(arg, row->label, row->fresh);
}

static struct sampler *make_sampler(struct kernel *kernel,
                                    struct settings *settings) {
  static const char *const classes[] = {SAMPLER_OTHER, NULL};
  struct source source = {
      .ctx = kernel, .slots_max = FILES, .harvest = harvest};
  struct sampler *sampler;

  if (settings_init(settings) < 0)
    fail("no memory");
  settings->pagefaults.max_series = kernel->max_series;
  sampler = sampler_new(&source, &settings->pagefaults, classes, &orders_files);
  if (!sampler)
    fail("no memory");
  return sampler;
}

static void run(struct kernel *kernel, unsigned long interval_s,
                unsigned long hours) {
  struct settings settings;
  struct names sticky = {0};
  struct sampler *sampler = make_sampler(kernel, &settings);

  for (unsigned long now = 0; now < hours * HOUR_S;) {
    now += interval_s;
    if (sampler_read(sampler, now * SECOND_NS, write_row, &sticky) < 0)
      fail("read");
    if (now % HOUR_S < interval_s)
      printf("%lu %lu %lu %lu %lu\n", now / HOUR_S, sticky.count, sticky.starts,
             kernel->naive.count, kernel->naive.starts);
  }
  sampler_free(sampler);
  settings_fini(&settings);
  tdestroy(sticky.tree, free);
  tdestroy(kernel->naive.tree, free);
}

int main(int argc, char **argv) {
  static struct kernel kernel;

  if (argc != 5 || (strcmp(argv[4], "new") && strcmp(argv[4], "bursts"))) {
    fprintf(
        stderr,
        "usage: churn MAXSERIES INTERVAL HOURS new|bursts\n"
        "prints each hour, how many names there were by then, and how many\n"
        "by a ranking without a memory, if a read comes all INTERVAL\n"
        "seconds and all files are new in each read, or some hundred files\n"
        "have their ups and downs\n");
    return 2;
  }
  kernel.max_series = (unsigned)atoi(argv[1]);
  kernel.bursts = !strcmp(argv[4], "bursts");
  kernel.files = kernel.bursts ? FILES : NEW_FILES;
  run(&kernel, (unsigned long)atol(argv[2]), (unsigned long)atol(argv[3]));
  return 0;
}
