// SPDX-License-Identifier: MIT
/* Sticky top N by several orders, with a daily budget of new names. */
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

/* The part of the budget that is kept for the most urgent order, 1 of so many:
 * so what begins to wait after a backup or an upgrade still gets its name. */
#define KEPT_PART 3

/* The part of what is worth a name below which an entry does not use its place.
 */
#define IDLE (1.0 / 16)

/* With few rows the first minutes alone would spend the day's budget. */
#define NAMES_MIN 16

/* Names remembered, in days of a fully spent budget. What is dropped is the
 * name longest without an event: weeks old, its series starts anew at zero. */
#define KNOWN_DAYS 16

#define DAY_NS (UINT64_C(24) * 3600 * 1000000000)

/* Seconds in which a score halves: collectd's own interval. So what is a burst
 * does not depend on how often it is read. */
#define HALF_LIFE 10

struct rank {
  struct rank_orders orders;
  struct tally_entry **shown; /* sorted by label */
  unsigned shown_count, rows_max;
  unsigned places[RANK_ORDERS_MAX]; /* of those shown, by order */
  struct tally_entry **known;       /* unsorted; holds the shown ones too */
  unsigned known_count, known_max;
  uint32_t read; /* lasts for centuries */
  uint64_t last_ns;
  double seconds;     /* since the update before; 0: not known */
  double seconds_all; /* since the first one */
  double left;        /* of a score of the update before */
  uint64_t credit_ns; /* the budget as time: a name costs `name_ns` of it */
  uint64_t name_ns;
  uint64_t names_refused;
};

static unsigned names_per_day(unsigned rows_max) {
  unsigned names = NAMES_PER_ROW * rows_max;

  return names < NAMES_MIN ? NAMES_MIN : names;
}

struct rank *rank_new(unsigned rows_max, const struct rank_orders *orders) {
  struct rank *rank = calloc(1, sizeof(*rank));

  if (!rank)
    return NULL;
  rank->orders = *orders;
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

/* How long the first read took is not known. */
static double read_seconds(const struct rank *rank) {
  return rank->seconds > 0 ? rank->seconds : HALF_LIFE;
}

/* What is left of a score after so many seconds without an event. */
static double fade(double seconds) {
  return exp2(-seconds / HALF_LIFE);
}

static void refill(struct rank *rank, uint64_t now_ns) {
  uint64_t elapsed_ns = now_ns > rank->last_ns ? now_ns - rank->last_ns : 0;

  rank->seconds = rank->last_ns ? (double)elapsed_ns / 1e9 : 0;
  rank->seconds_all += read_seconds(rank);
  rank->left = fade(read_seconds(rank));
  if (elapsed_ns > DAY_NS - rank->credit_ns)
    elapsed_ns = DAY_NS - rank->credit_ns;
  rank->credit_ns += elapsed_ns;
  rank->last_ns = now_ns;
}

static bool spend_name(struct rank *rank, unsigned order) {
  uint64_t kept_ns = order && rank->orders.count > 1 ? DAY_NS / KEPT_PART : 0;

  if (rank->credit_ns < kept_ns + rank->name_ns)
    return false;
  rank->credit_ns -= rank->name_ns;
  return true;
}

/* Reads after which what is no rate and was not told any more is nothing: a
 * cache may be destroyed, and one read may fail. */
#define UNTOLD_READS 3

static double score_at(const struct rank *rank, const struct tally_entry *entry,
                       unsigned order) {
  double score = entry->rank.score[order];

  if (!rank->orders.order[order].is_rate)
    return rank->read - entry->rank.last_read < UNTOLD_READS ? score : 0;
  return score * fade(rank->seconds_all - entry->rank.last_seconds);
}

static void score_entry(const struct rank *rank, struct tally_entry *entry) {
  double seconds = read_seconds(rank), part = 1 - rank->left;

  for (unsigned i = 0; i < rank->orders.count; i++) {
    const struct rank_order *order = &rank->orders.order[i];
    double weight = order->weight(entry);

    if (order->is_rate)
      weight = score_at(rank, entry, i) + part * weight / seconds;
    entry->rank.score[i] = (float)weight;
  }
  entry->rank.last_seconds = rank->seconds_all;
  entry->rank.last_read = rank->read;
}

/* Of two entries with scores of the same read: by score, then by label. */
static bool is_stronger(const struct tally_entry *a, double a_score,
                        const struct tally_entry *b, double b_score) {
  if (a_score != b_score)
    return a_score > b_score;
  return strcmp(a->label, b->label) < 0;
}

/* How many places the order has by right. */
static unsigned share(const struct rank *rank, unsigned order) {
  unsigned count = rank->orders.count;

  return rank->rows_max / count + (order < rank->rows_max % count);
}

/* The part of a rate's worth that a name costs while the budget is full. */
#define PRICE_MIN 0.02

/* Names are cheap while few were spent, so that a quiet host shows what it has:
 * an eighth of the full price when a quarter of the budget is gone, as many as
 * there are places, and all of it when half is. */
static double price(const struct rank *rank) {
  double part = 2 * (1 - (double)rank->credit_ns / DAY_NS);

  return fmin(1, fmax(PRICE_MIN, part * part * part));
}

/* What is worth a new name, as a score: that of a steady rate. A burst needs
 * more, twice as much in one read of 10 s: so a program that starts once names
 * none of its libraries. How long the first read took is not known, so nothing
 * is worth a name in it. */
static double worth_at(const struct rank *rank, unsigned order) {
  const struct rank_order *own = &rank->orders.order[order];

  if (!own->is_rate || !own->worth)
    return own->worth;
  return rank->seconds > 0 ? own->worth * price(rank) : INFINITY;
}

/* In units of what is worth a name, so that scores of different orders compare.
 */
static double strength_in(const struct rank *rank,
                          const struct tally_entry *entry, unsigned order) {
  double worth = rank->orders.order[order].worth;

  return score_at(rank, entry, order) / (worth > 0 ? worth : 1);
}

/* Of one that has a place. */
static double strength(const struct rank *rank,
                       const struct tally_entry *entry) {
  return strength_in(rank, entry, entry->rank.order);
}

/* By whatever order: what has stopped waiting may have most faults. */
static double best_strength(const struct rank *rank,
                            const struct tally_entry *entry) {
  double best = 0;

  for (unsigned i = 0; i < rank->orders.count; i++)
    best = fmax(best, strength_in(rank, entry, i));
  return best;
}

/* Then its place is for anyone who has more use for it. */
static bool is_idle(const struct rank *rank, const struct tally_entry *entry) {
  return rank->orders.order[entry->rank.order].worth > 0 &&
         strength(rank, entry) < IDLE;
}

static uint32_t reads_shown(const struct rank *rank,
                            const struct tally_entry *entry) {
  return rank->read - entry->rank.since_read;
}

/* An order displaces from its own places once it has its share; before, from
 * those that others have beyond theirs and have published; and from any that is
 * not used. */
static bool is_at_stake(const struct rank *rank,
                        const struct tally_entry *entry, unsigned order) {
  unsigned holder = entry->rank.order;

  if (holder == order)
    return rank->places[order] >= share(rank, order);
  if (reads_shown(rank, entry) < PUBLISH_READS)
    return false;
  return is_idle(rank, entry) || (rank->places[order] < share(rank, order) &&
                                  rank->places[holder] > share(rank, holder));
}

/* The strength in the order that takes its place. */
static double resistance(const struct rank *rank,
                         const struct tally_entry *entry, unsigned order) {
  return entry->rank.order == order ? DISPLACE_FACTOR * strength(rank, entry)
                                    : best_strength(rank, entry);
}

static bool is_weaker(const struct rank *rank, const struct tally_entry *a,
                      const struct tally_entry *b, unsigned order) {
  return is_stronger(b, resistance(rank, b, order), a,
                     resistance(rank, a, order));
}

/* The one to displace; NULL when there is a free place. */
static struct tally_entry *weakest_shown(const struct rank *rank,
                                         unsigned order) {
  struct tally_entry *weakest = NULL;

  if (rank->shown_count < rank->rows_max)
    return NULL;
  for (unsigned i = 0; i < rank->shown_count; i++) {
    struct tally_entry *entry = rank->shown[i];

    if (is_at_stake(rank, entry, order) &&
        (!weakest || is_weaker(rank, entry, weakest, order)))
      weakest = entry;
  }
  return weakest;
}

static bool deserves(const struct rank *rank, const struct tally_entry *entry,
                     const struct tally_entry *weakest, unsigned order) {
  double score = entry->rank.score[order];
  uint32_t reads;

  if (score <= 0)
    return false;
  if (!weakest)
    return rank->shown_count < rank->rows_max;
  reads = reads_shown(rank, weakest);
  if (reads < PUBLISH_READS)
    return false;
  if (weakest->rank.order != order)
    return score >= worth_at(rank, order) &&
           (rank->places[order] < share(rank, order) ||
            strength_in(rank, entry, order) >= best_strength(rank, weakest));
  return score >= (reads >= STAY_READS ? DISPLACE_FACTOR : RUSH_FACTOR) *
                      score_at(rank, weakest, order);
}

static void hide(struct rank *rank, struct tally_entry *entry) {
  unsigned i = 0;

  while (rank->shown[i] != entry)
    i++;
  rank->shown_count--;
  rank->places[entry->rank.order]--;
  memmove(&rank->shown[i], &rank->shown[i + 1],
          (rank->shown_count - i) * sizeof(*rank->shown));
  entry->rank.shown = false;
  entry->rank.hidden_read = rank->read;
}

static void show(struct rank *rank, struct tally_entry *entry) {
  unsigned i = rank->shown_count++;

  for (; i && strcmp(rank->shown[i - 1]->label, entry->label) > 0; i--)
    rank->shown[i] = rank->shown[i - 1];
  rank->shown[i] = entry;
  rank->places[entry->rank.order]++;
  entry->rank.shown = true;
  /* One order may take up whom another has just displaced. */
  if (entry->rank.hidden_read != rank->read)
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
                  struct tally_entry *displaced, unsigned order) {
  if (displaced)
    hide(rank, displaced);
  entry->rank.order = (uint8_t)order;
  show(rank, entry);
  remember(rank, entry);
}

static void score_all(struct rank *rank, struct tally_entry *touched) {
  for (struct tally_entry *e = touched; e; e = e->next_touched)
    if (e->kind == ROW_ENTITY)
      score_entry(rank, e);
}

static int compare_challengers(const struct tally_entry *a,
                               const struct tally_entry *b) {
  return is_stronger(a, a->rank.challenge, b, b->rank.challenge) ? -1 : 1;
}

/* Those who are not shown, strongest first; their scores are of this read. */
static struct tally_entry *
challengers(struct rank *rank, struct tally_entry *touched, unsigned order) {
  const struct tally_entry *weakest = weakest_shown(rank, order);
  struct tally_entry *list = NULL;

  for (struct tally_entry *e = touched; e; e = e->next_touched) {
    if (e->kind != ROW_ENTITY || e->rank.shown ||
        !deserves(rank, e, weakest, order))
      continue;
    e->rank.challenge = e->rank.score[order];
    e->rank.next_challenger = list;
    list = e;
  }
  LL_SORT2(list, compare_challengers, rank.next_challenger);
  return list;
}

/* A known name costs nothing; a new one has to be worth it. */
static bool may_be_named(struct rank *rank, struct tally_entry *entry,
                         unsigned order) {
  if (entry->rank.known)
    return true;
  if (entry->rank.score[order] < worth_at(rank, order))
    return false;
  if (spend_name(rank, order))
    return true;
  rank->names_refused += entry->rank.refused_read != rank->read;
  entry->rank.refused_read = rank->read;
  return false;
}

static void fill_order(struct rank *rank, struct tally_entry *touched,
                       unsigned order, unsigned most) {
  struct tally_entry *weakest = weakest_shown(rank, order);

  for (struct tally_entry *e = challengers(rank, touched, order); e;
       e = e->rank.next_challenger) {
    if (rank->places[order] >= most && rank->shown_count < rank->rows_max)
      break;
    if (!deserves(rank, e, weakest, order))
      break;
    if (!may_be_named(rank, e, order))
      continue;
    admit(rank, e, weakest, order);
    weakest = weakest_shown(rank, order);
  }
}

/* First each order its own places: the most urgent has the first choice, and
 * the last one, so that it takes up whom others have displaced. Then what is
 * left to whoever has a use; but not in the first read, as rates, which are not
 * known in it, would displace those names in the next. */
void rank_update(struct rank *rank, struct tally_entry *touched,
                 uint64_t now_ns) {
  rank->read++;
  refill(rank, now_ns);
  score_all(rank, touched);
  if (!rank->rows_max)
    return;
  fill_order(rank, touched, 0, share(rank, 0));
  for (unsigned i = rank->orders.count; i-- > 0;)
    fill_order(rank, touched, i, share(rank, i));
  for (unsigned i = 0; i < rank->orders.count; i++)
    if (rank->seconds > 0 && rank->shown_count < rank->rows_max)
      fill_order(rank, touched, i, rank->rows_max);
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
