// SPDX-License-Identifier: MIT
/* Sticky top N with a daily budget of new names. */
#include "core/rank.h"
#include "core/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* A row must be clearly busier to take another's place, so that two names of
 * about equal weight do not take turns. */
#define DISPLACE_FACTOR 2

/* What the read found in which a row is shown anew is published by the next one
 * (dispatch.c): who leaves before would take it away. */
#define PUBLISH_READS 2

/* collectd gives a series its first rate at the second value: three make sure
 * that each name shown leaves a graph and not a dot. A row that is busier by
 * far does not wait: a file that starts to thrash is what one looks for. */
#define STAY_READS 3
#define RUSH_FACTOR 16

/* New names per place and day: enough for the host's day and night, backup and
 * upgrade to have their own. 80 a day with 20 rows; an RRD file of collectd's
 * default archives takes 145 kB per data source. */
#define NAMES_PER_ROW 4

/* With few rows the first minutes alone would spend the day's budget. */
#define NAMES_MIN 16

/* Names remembered, in days of a fully spent budget. What is dropped is the
 * name longest without an event: weeks old, its series starts anew at zero. */
#define KNOWN_DAYS 16

#define DAY_NS (UINT64_C(24) * 3600 * 1000000000)

struct rank {
  struct tally_entry **shown; /* sorted by label */
  unsigned shown_count, rows_max;
  struct tally_entry **known; /* unsorted; holds the shown ones too */
  unsigned known_count, known_max;
  uint32_t read; /* lasts for centuries */
  uint64_t last_ns;
  uint64_t credit_ns; /* the budget as time: a name costs `name_ns` of it */
  uint64_t name_ns;
  uint64_t names_refused;
};

static unsigned names_per_day(unsigned rows_max) {
  unsigned names = NAMES_PER_ROW * rows_max;

  return names < NAMES_MIN ? NAMES_MIN : names;
}

struct rank *rank_new(unsigned rows_max) {
  struct rank *rank = calloc(1, sizeof(*rank));

  if (!rank)
    return NULL;
  rank->rows_max = rows_max;
  rank->known_max = rows_max + KNOWN_DAYS * names_per_day(rows_max);
  rank->name_ns = DAY_NS / names_per_day(rows_max);
  rank->credit_ns = DAY_NS;
  rank->shown = calloc(rows_max + 1, sizeof(*rank->shown));
  rank->known = calloc(rank->known_max, sizeof(*rank->known));
  if (rank->shown && rank->known)
    return rank;
  rank_free(rank);
  return NULL;
}

void rank_free(struct rank *rank) {
  if (!rank)
    return;
  free(rank->shown);
  free(rank->known);
  free(rank);
}

static void refill(struct rank *rank, uint64_t now_ns) {
  uint64_t elapsed_ns = now_ns > rank->last_ns ? now_ns - rank->last_ns : 0;

  if (elapsed_ns > DAY_NS - rank->credit_ns)
    elapsed_ns = DAY_NS - rank->credit_ns;
  rank->credit_ns += elapsed_ns;
  rank->last_ns = now_ns;
}

static bool spend_name(struct rank *rank) {
  if (rank->credit_ns < rank->name_ns)
    return false;
  rank->credit_ns -= rank->name_ns;
  return true;
}

/* Each read weighs half, so a score halves with each read since. */
static double score_at(const struct tally_entry *entry, uint32_t read) {
  uint32_t reads = read - entry->rank.last_read;

  return ldexp(entry->rank.score, reads < 2000 ? -(int)reads : -2000);
}

static void score_entry(struct tally_entry *entry, uint32_t read) {
  entry->rank.score =
      score_at(entry, read) + row_counts_events(&entry->delta) / 2.0;
  entry->rank.last_read = read;
}

/* Of two entries with scores as of the same read: by score, then by label. */
static bool is_stronger(const struct tally_entry *a, double a_score,
                        const struct tally_entry *b, double b_score) {
  if (a_score != b_score)
    return a_score > b_score;
  return strcmp(a->label, b->label) < 0;
}

/* The one to displace; NULL when there is a free place. */
static struct tally_entry *weakest_shown(const struct rank *rank) {
  struct tally_entry *weakest = NULL;
  double weakest_score = 0;

  if (rank->shown_count < rank->rows_max)
    return NULL;
  for (unsigned i = 0; i < rank->shown_count; i++) {
    struct tally_entry *entry = rank->shown[i];
    double entry_score = score_at(entry, rank->read);

    if (weakest && !is_stronger(weakest, weakest_score, entry, entry_score))
      continue;
    weakest = entry;
    weakest_score = entry_score;
  }
  return weakest;
}

static bool deserves(const struct rank *rank, const struct tally_entry *entry,
                     const struct tally_entry *weakest) {
  uint32_t reads;
  double weakest_score;

  if (!weakest)
    return true;
  reads = rank->read - weakest->rank.since_read;
  if (reads < PUBLISH_READS)
    return false;
  weakest_score = score_at(weakest, rank->read);
  return entry->rank.score >=
         (reads >= STAY_READS ? DISPLACE_FACTOR : RUSH_FACTOR) * weakest_score;
}

/* Strongest first. */
static int compare_challengers(const struct tally_entry *a,
                               const struct tally_entry *b) {
  return is_stronger(a, a->rank.score, b, b->rank.score) ? -1 : 1;
}

static struct tally_entry *challengers(const struct rank *rank,
                                       struct tally_entry *touched) {
  const struct tally_entry *weakest = weakest_shown(rank);
  struct tally_entry *list = NULL;

  for (struct tally_entry *e = touched; e; e = e->next_touched) {
    if (e->kind != ROW_ENTITY || e->rank.shown || !deserves(rank, e, weakest))
      continue;
    e->rank.next_challenger = list;
    list = e;
  }
  LL_SORT2(list, compare_challengers, rank.next_challenger);
  return list;
}

static void hide(struct rank *rank, struct tally_entry *entry) {
  unsigned i = 0;

  while (rank->shown[i] != entry)
    i++;
  rank->shown_count--;
  memmove(&rank->shown[i], &rank->shown[i + 1],
          (rank->shown_count - i) * sizeof(*rank->shown));
  entry->rank.shown = false;
}

static void show(struct rank *rank, struct tally_entry *entry) {
  unsigned i = rank->shown_count++;

  for (; i && strcmp(rank->shown[i - 1]->label, entry->label) > 0; i--)
    rank->shown[i] = rank->shown[i - 1];
  rank->shown[i] = entry;
  entry->rank.shown = true;
  entry->rank.since_read = rank->read;
}

/* Called when all places of `known` are taken, more than can be shown. */
static void drop_known(struct rank *rank) {
  unsigned oldest = rank->known_count;

  for (unsigned i = 0; i < rank->known_count; i++) {
    if (rank->known[i]->rank.shown)
      continue;
    if (oldest == rank->known_count ||
        rank->known[i]->rank.last_read < rank->known[oldest]->rank.last_read)
      oldest = i;
  }
  rank->known[oldest]->rank.known = false;
  rank->known[oldest] = rank->known[--rank->known_count];
}

static void remember(struct rank *rank, struct tally_entry *entry) {
  if (entry->rank.known)
    return;
  if (rank->known_count == rank->known_max)
    drop_known(rank);
  rank->known[rank->known_count++] = entry;
  entry->rank.known = true;
}

static void admit(struct rank *rank, struct tally_entry *entry,
                  struct tally_entry *displaced) {
  if (displaced)
    hide(rank, displaced);
  show(rank, entry);
  remember(rank, entry);
}

static void score_all(struct rank *rank, struct tally_entry *touched) {
  for (struct tally_entry *e = touched; e; e = e->next_touched)
    if (e->kind == ROW_ENTITY)
      score_entry(e, rank->read);
}

void rank_update(struct rank *rank, struct tally_entry *touched,
                 uint64_t now_ns) {
  struct tally_entry *weakest;

  rank->read++;
  refill(rank, now_ns);
  score_all(rank, touched);
  if (!rank->rows_max)
    return;
  weakest = weakest_shown(rank);
  for (struct tally_entry *e = challengers(rank, touched); e;
       e = e->rank.next_challenger) {
    if (!deserves(rank, e, weakest))
      break;
    if (!e->rank.known && !spend_name(rank)) {
      rank->names_refused++;
      continue;
    }
    admit(rank, e, weakest);
    weakest = weakest_shown(rank);
  }
}

unsigned rank_shown(const struct rank *rank,
                    struct tally_entry *const **ret_entries) {
  *ret_entries = rank->shown;
  return rank->shown_count;
}

bool rank_is_new(const struct rank *rank, const struct tally_entry *entry) {
  return entry->rank.since_read == rank->read;
}

uint64_t rank_names_refused(const struct rank *rank) {
  return rank->names_refused;
}
