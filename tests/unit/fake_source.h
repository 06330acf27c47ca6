/* SPDX-License-Identifier: MIT */
/* A source whose slots a test sets, and which can fail half way. */
#ifndef BPFMEM_FAKE_SOURCE_H
#define BPFMEM_FAKE_SOURCE_H

#include "core/source.h"
#include "core/tally.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define FAKE_SLOTS 37

struct fake_source {
  struct source_row slots[FAKE_SLOTS];
  int fail_after;                              /* rows; -1: never */
  void (*taken)(const struct source_row *row); /* or NULL */
  struct source_held held[3];                  /* up to one without a name */
  char deduces[64];                            /* labels, each with a blank */
};

static inline double fake_weight(const struct tally_entry *entry) {
  return (double)row_counts_events(&entry->delta);
}

/* By all events, of which each one is worth a name. */
static const struct rank_orders fake_orders = {1, {{fake_weight, true, 0}}};

static inline void fake_init(struct fake_source *fake) {
  *fake = (struct fake_source){.fail_after = -1};
  for (unsigned i = 0; i < FAKE_SLOTS; i++)
    fake->slots[i].slot = i;
}

static inline int
fake_harvest(void *ctx, void (*take)(void *arg, const struct source_row *row),
             void *arg) {
  const struct fake_source *fake = ctx;

  for (int i = 0; i < FAKE_SLOTS; i++) {
    if (i == fake->fail_after)
      return -EIO;
    if (!fake->slots[i].owner)
      continue;
    take(arg, &fake->slots[i]);
    if (fake->taken)
      fake->taken(&fake->slots[i]);
  }
  return 0;
}

static inline struct source fake_source(struct fake_source *fake) {
  return (struct source){
      .ctx = fake, .slots_max = FAKE_SLOTS, .harvest = fake_harvest};
}

static inline void fake_tell_held(void *ctx, source_take_held *take,
                                  void *arg) {
  const struct fake_source *fake = ctx;

  for (int i = 0; i < 3 && fake->held[i].name; i++)
    take(arg, &fake->held[i]);
}

static inline void fake_deduces(void *ctx, const char *label) {
  struct fake_source *fake = ctx;

  strcat(strcat(fake->deduces, label), " ");
}

/* One whose kernel tells what is held. */
static inline struct source fake_holder(struct fake_source *fake) {
  struct source source = fake_source(fake);

  source.held = fake_tell_held;
  source.deduces = fake_deduces;
  return source;
}

/* The slot gets another owner; its counters run on. */
static inline void fake_own(struct fake_source *fake, unsigned slot,
                            enum row_kind kind, const char *name) {
  fake->slots[slot].owner++;
  fake->slots[slot].kind = kind;
  fake->slots[slot].name = name;
}

static inline void fake_happen(struct fake_source *fake, unsigned slot,
                               uint64_t first, uint64_t second) {
  fake->slots[slot].events[ROW_FIRST] += first;
  fake->slots[slot].events[ROW_SECOND] += second;
}

#endif
