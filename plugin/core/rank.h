/* SPDX-License-Identifier: MIT */
/* Which names are published: the top N by recent events, sticky, with a
 * bounded number of new names (each is kept for ever by RRD, whisper and
 * InfluxDB). Pure: the caller passes the time. */
#ifndef BPFMEM_CORE_RANK_H
#define BPFMEM_CORE_RANK_H

#include <stdbool.h>
#include <stdint.h>

struct tally_entry;

/* Embedded in each tally entry; zero is its start. */
struct rank_state {
  double score;        /* events per read, exponentially smoothed */
  uint32_t last_read;  /* number of the read that `score` belongs to */
  uint32_t since_read; /* read in which it was shown last time anew */
  bool shown;          /* member of the top N */
  bool known;          /* was shown before, and not too long ago to remember */
  struct tally_entry *next_challenger; /* rank.c only */
};

struct rank;

/* Whether the entry must live on: it is shown, or its name was and may be
 * again, and then its total must not be lower. What is shown is known. */
static inline bool rank_holds(const struct rank_state *state) {
  return state->known;
}

/* NULL when memory is short. `rows_max` may be 0: nothing is ever shown. */
struct rank *rank_new(unsigned rows_max);
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
