// SPDX-License-Identifier: MIT
/* The top N by several orders, whose names stay, with a daily budget of new
 * ones. */
#include "core/rank.h"
#include "core/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* An entry takes a place only from one that is clearly weaker, so that two
 * names of about equal weight do not take turns. */
#define DISPLACE_FACTOR 2

/* A new row starts with its total before the read that found it. The next read
 * publishes what that read counted (dispatch.c). So a row must stay for both.
 */
#define PUBLISH_READS 2

/* collectd gives a series its first rate at the second value. With three values
 * each shown name leaves a graph and not a dot. An entry that is far stronger
 * need not wait that long: a file that starts to thrash must show. */
#define STAY_READS 3
#define RUSH_FACTOR 16

/* New names per place and day. They suffice for names of the host's day, night,
 * backup and upgrade. 20 rows may have 80 a day. An RRD file of collectd's
 * default archives takes 145 kB per data source. */
#define NAMES_PER_ROW 4

/* One part of so many of the budget is kept for the most urgent order. So a
 * file for which threads begin to wait after a backup or an upgrade still gets
 * its name. */
#define KEPT_PART 3

/* An entry below this part of what is worth a name does not use its place. */
#define IDLE (1.0 / 16)

/* With few rows a smaller budget would be spent in the first minutes. */
#define NAMES_MIN 16

/* How many names are remembered, in days of a fully spent budget. The name that
 * is longest without an event is dropped. That is after weeks, and its series
 * then starts anew at zero. */
#define KNOWN_DAYS 16

#define DAY_NS (UINT64_C(24) * 3600 * 1000000000)

/* Seconds in which a score halves: collectd's own interval. So the length of a
 * burst does not depend on the interval of reads. */
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

/* The time that the first read covers is not known. */
static double read_seconds(const struct rank *rank) {
  return rank->seconds > 0 ? rank->seconds : HALF_LIFE;
}

/* The part of a score that is left after so many seconds without an event. */
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

/* Reads after which a score that is no rate counts as 0 if the kernel tells
 * nothing any more. The cache may be destroyed, but a single read may also
 * fail. */
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

/* Compares two entries with scores of the same read: by score, then by label.
 */
static bool is_stronger(const struct tally_entry *a, double a_score,
                        const struct tally_entry *b, double b_score) {
  if (a_score != b_score)
    return a_score > b_score;
  return strcmp(a->label, b->label) < 0;
}

/* The number of places that belong to the order. */
static unsigned share(const struct rank *rank, unsigned order) {
  unsigned count = rank->orders.count;

  return rank->rows_max / count + (order < rank->rows_max % count);
}

/* What a name costs while the budget is full, as a part of a rate's worth. */
#define PRICE_MIN 0.02

/* Names are cheap while few were spent, so that a quiet host shows what it has.
 * A name costs an eighth of the full price when a quarter of the budget is
 * gone, which is as many names as there are places. It costs the full price
 * when half of the budget is gone. */
static double price(const struct rank *rank) {
  double part = 2 * (1 - (double)rank->credit_ns / DAY_NS);

  return fmin(1, fmax(PRICE_MIN, part * part * part));
}

/* The score from which a new name is worth it: that of a steady rate. In one
 * read of 10 s a burst needs twice that rate, so a program that starts once
 * names none of its libraries. Nothing is worth a name in the first read, as
 * its time is not known. */
static double worth_at(const struct rank *rank, unsigned order) {
  const struct rank_order *own = &rank->orders.order[order];

  if (!own->is_rate || !own->worth)
    return own->worth;
  return rank->seconds > 0 ? own->worth * price(rank) : INFINITY;
}

/* The score in units of what is worth a name, so that those of different orders
 * compare. */
static double strength_in(const struct rank *rank,
                          const struct tally_entry *entry, unsigned order) {
  double worth = rank->orders.order[order].worth;

  return score_at(rank, entry, order) / (worth > 0 ? worth : 1);
}

/* The strength of a shown entry, in the order whose place it has. */
static double strength(const struct rank *rank,
                       const struct tally_entry *entry) {
  return strength_in(rank, entry, entry->rank.order);
}

/* The greatest strength in any order: a file for which nobody waits any more
 * may have most faults. */
static double best_strength(const struct rank *rank,
                            const struct tally_entry *entry) {
  double best = 0;

  for (unsigned i = 0; i < rank->orders.count; i++)
    best = fmax(best, strength_in(rank, entry, i));
  return best;
}

/* Whether anyone who has more use for the entry's place may take it. */
static bool is_idle(const struct rank *rank, const struct tally_entry *entry) {
  return rank->orders.order[entry->rank.order].worth > 0 &&
         strength(rank, entry) < IDLE;
}

static uint32_t reads_shown(const struct rank *rank,
                            const struct tally_entry *entry) {
  return rank->read - entry->rank.since_read;
}

/* Whether the order may take the entry's place. An order that has its share
 * displaces its own entries. One that has less displaces entries of orders that
 * have more than theirs, once they are published. Any order displaces an idle
 * entry. */
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

/* The strength with which the entry resists the order. */
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

/* The entry to displace; NULL when there is a free place. */
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
  /* An order may show again an entry that another one has just displaced. */
  if (entry->rank.hidden_read != rank->read)
    entry->rank.since_read = rank->read;
}

/* Called when `known` is full. It has room for more than can be shown. */
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

/* The entries that are not shown and deserve a place, strongest first. Their
 * scores are of this read. */
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

/* A known name costs nothing. A new one must be worth it. */
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

/* First each order fills its own places. The most urgent one is first, and is
 * last again, so that it can take up entries that others have displaced. Then
 * any order fills the places that are left. That does not happen in the first
 * read: rates are not known in it, and would displace those names in the next.
 */
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
