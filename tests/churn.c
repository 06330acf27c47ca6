// SPDX-License-Identifier: MIT
/* How many names writers get to see when the busiest files are others in every
 * read: the real core, fed by a simulated kernel and clock. */
#define _GNU_SOURCE
#include "sampler.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 40, EVENTS = 1009, NAME_SIZE = 64 };

#define SECOND_NS UINT64_C(1000000000)
#define HOUR_S 3600

struct kernel {
  struct source_row slots[FILES];
  char names[FILES][NAME_SIZE];
  unsigned long read;
};

struct writer {
  void *labels; /* tsearch() */
  unsigned long count;
};

static void fail(const char *what) {
  fprintf(stderr, "churn: %s\n", what);
  exit(1);
}

/* All files are new in each read. */
static int harvest(void *ctx,
                   void (*take)(void *arg, const struct source_row *row),
                   void *arg) {
  struct kernel *kernel = ctx;

  kernel->read++;
  for (unsigned i = 0; i < FILES; i++) {
    struct source_row *slot = &kernel->slots[i];

    snprintf(kernel->names[i], NAME_SIZE, "/churn/%lu/%u", kernel->read, i);
    slot->slot = i;
    slot->owner++;
    slot->kind = ROW_ENTITY;
    slot->name = kernel->names[i];
    slot->events[ROW_FIRST] += EVENTS;
    take(arg, slot);
  }
  return 0;
}

static void write_row(void *arg, const struct sampler_row *row) {
  struct writer *writer = arg;
  char *label = strdup(row->label);
  char **found;

  if (row->kind != ROW_ENTITY || !label) {
    free(label);
    return;
  }
  found = tsearch(label, &writer->labels,
                  (int (*)(const void *, const void *))strcmp);
  if (!found)
    fail("no memory");
  if (*found == label)
    writer->count++;
  else
    free(label);
}

static struct sampler *make_sampler(struct kernel *kernel,
                                    struct settings *settings,
                                    unsigned max_series) {
  static const char *const classes[] = {NULL};
  struct source source = {
      .ctx = kernel, .slots_max = FILES, .harvest = harvest};
  struct sampler *sampler;

  if (settings_init(settings) < 0)
    fail("no memory");
  settings->pagefaults.max_series = max_series;
  sampler = sampler_new(&source, &settings->pagefaults, classes);
  if (!sampler)
    fail("no memory");
  return sampler;
}

static void run(unsigned max_series, unsigned long interval_s,
                unsigned long hours) {
  struct settings settings;
  static struct kernel kernel;
  struct writer writer = {0};
  struct sampler *sampler = make_sampler(&kernel, &settings, max_series);

  for (unsigned long now = 0; now < hours * HOUR_S;) {
    now += interval_s;
    if (sampler_read(sampler, now * SECOND_NS, write_row, &writer) < 0)
      fail("read");
    if (now % HOUR_S < interval_s)
      printf("%lu %lu\n", now / HOUR_S, writer.count);
  }
  sampler_free(sampler);
  settings_fini(&settings);
  tdestroy(writer.labels, free);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: churn MAXSERIES INTERVAL HOURS\n"
                    "prints each hour and how many names there were by then,\n"
                    "if a read comes all INTERVAL seconds\n");
    return 2;
  }
  run((unsigned)atoi(argv[1]), (unsigned long)atol(argv[2]),
      (unsigned long)atol(argv[3]));
  return 0;
}
