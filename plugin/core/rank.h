/* SPDX-License-Identifier: MIT */
/* Decides which names are published: the top N by recent weight, in each of
 * some orders. A shown name stays for a while, and the number of new names is
 * bounded: RRD, whisper and InfluxDB keep each for ever. Pure: the caller
 * passes the time. */
#ifndef BPFMEM_CORE_RANK_H
#define BPFMEM_CORE_RANK_H

#include <stdbool.h>
#include <stdint.h>

struct tally_entry;

#define RANK_ORDERS_MAX 3

/* One reason to publish a name. Each order has its share of the places. Other
 * orders use what it does not need. */
struct rank_order {
  /* What the entry weighs in this read; 0: nothing. */
  double (*weight)(const struct tally_entry *entry);
  /* The weight is a number of events, and the score is their rate per second,
   * smoothed over some reads. Otherwise the score is the weight. */
  bool is_rate;
  /* The score from which a new name is worth its cost. For a rate it is per
   * second, and less while many names are left. */
  double worth;
};

/* The orders of a probe. A part of the budget of new names is kept for the
 * first order, which is the most urgent. */
struct rank_orders {
  unsigned count;
  struct rank_order order[RANK_ORDERS_MAX];
};

/* Embedded in each tally entry; all zero at first. */
struct rank_state {
  double last_seconds;          /* when the scores were made, as rank counts */
  float score[RANK_ORDERS_MAX]; /* as they were then */
  uint32_t last_read;           /* number of that read */
  uint32_t since_read;          /* read in which it was shown last time anew */
  uint32_t hidden_read;         /* in which it was displaced last */
  uint32_t refused_read;        /* in which its name was refused last */
  uint8_t order;                /* whose place it has, while it is shown */
  bool shown;                   /* member of the top N */
  bool known;                   /* was shown before, and is still remembered */
  float challenge;              /* rank.c only, as what follows */
  struct tally_entry *next_challenger;
};

struct rank;

/* Whether the entry must not be freed. Its name is or was shown; if it is shown
 * again, its total must not be lower than before. Whoever is shown is known. */
static inline bool rank_holds(const struct rank_state *state) {
  return state->known;
}

/* NULL when memory is short. With 0 in `rows_max` nothing is ever shown. The
 * orders are copied. */
struct rank *rank_new(unsigned rows_max, const struct rank_orders *orders);
void rank_free(struct rank *rank);

/* One read: takes the touched entries, of which only entities compete, and
 * decides who is shown. Ties break by label. `now_ns` is monotonic. An entry
 * that rank_holds() must not be freed. */
void rank_update(struct rank *rank, struct tally_entry *touched,
                 uint64_t now_ns);

/* The shown entries, sorted by label. Valid until the next update. */
unsigned rank_shown(const struct rank *rank,
                    struct tally_entry *const **ret_entries);

/* Whether a shown entry was not shown before the last update. */
bool rank_is_new(const struct rank *rank, const struct tally_entry *entry);

/* How often an entry deserved a place and got none because the budget of new
 * names was spent: at most once per entry and read. Cumulative. */
uint64_t rank_names_refused(const struct rank *rank);

#endif
