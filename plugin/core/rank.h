/* SPDX-License-Identifier: MIT */
/* Which names are published: the top N by recent weight in each of some orders,
 * sticky, with a bounded number of new names (each is kept for ever by RRD,
 * whisper and InfluxDB). Pure: the caller passes the time. */
#ifndef BPFMEM_CORE_RANK_H
#define BPFMEM_CORE_RANK_H

#include <stdbool.h>
#include <stdint.h>

struct tally_entry;

#define RANK_ORDERS_MAX 3

/* One reason to publish a name. The places are dealt out in turn: each order
 * has its share, and what it does not need the others use meanwhile. */
struct rank_order {
  /* What the entry weighs in this read; 0: nothing. */
  double (*weight)(const struct tally_entry *entry);
  /* Events: a score is their rate per second, smoothed over some reads.
   * Otherwise it is the weight. */
  bool is_rate;
  /* What makes a new name worth its cost: per second if it is a rate, and then
   * less while many names are left. */
  double worth;
};

/* The orders of a probe, the most urgent first: a part of the budget of new
 * names is kept for it. */
struct rank_orders {
  unsigned count;
  struct rank_order order[RANK_ORDERS_MAX];
};

/* Embedded in each tally entry; zero is its start. */
struct rank_state {
  double last_seconds;          /* when the scores were made, as rank counts */
  float score[RANK_ORDERS_MAX]; /* as they were then */
  uint32_t last_read;           /* number of that read */
  uint32_t since_read;          /* read in which it was shown last time anew */
  uint32_t hidden_read;         /* in which it was displaced last */
  uint32_t refused_read;        /* in which its name was refused last */
  uint8_t order;                /* whose place it has, while it is shown */
  bool shown;                   /* member of the top N */
  bool known;      /* was shown before, and not too long ago to remember */
  float challenge; /* rank.c only, as what follows */
  struct tally_entry *next_challenger;
};

struct rank;

/* Whether the entry must live on: it is shown, or its name was and may be
 * again, and then its total must not be lower. What is shown is known. */
static inline bool rank_holds(const struct rank_state *state) {
  return state->known;
}

/* NULL when memory is short. `rows_max` may be 0: nothing is ever shown. The
 * orders are copied. */
struct rank *rank_new(unsigned rows_max, const struct rank_orders *orders);
void rank_free(struct rank *rank);

/* One read: takes the touched entries (entities only are considered) and
 * decides who is shown. Ties break by label. `now_ns` is monotonic. An entry
 * that rank_holds() must not be freed. */
void rank_update(struct rank *rank, struct tally_entry *touched,
                 uint64_t now_ns);

/* The shown entries, sorted by label. Valid until the next update. */
unsigned rank_shown(const struct rank *rank,
                    struct tally_entry *const **ret_entries);

/* Whether the entry, which is shown, was not before the last update. */
bool rank_is_new(const struct rank *rank, const struct tally_entry *entry);

/* Times that an entry deserved a place and got none because the budget of new
 * names was spent: at most once per entry and read. Cumulative. */
uint64_t rank_names_refused(const struct rank *rank);

#endif
