/* SPDX-License-Identifier: MIT */
/* Cumulative totals per name from the counters of slots, which only grow.
 *
 * A name (label) is one entry, however many slots feed it. A slot that gets
 * another owner feeds another entry from then on, and its counters run on.
 * Nothing that a slot counted is counted twice or lost. No I/O, no clock, no
 * locks: one thread at a time. */
#ifndef BPFMEM_CORE_TALLY_H
#define BPFMEM_CORE_TALLY_H

#include "core/held.h"
#include "core/label.h"
#include "core/rank.h"
#include "core/source.h"

#include <stdbool.h>
#include <stdint.h>

/* An insertion that gets no memory leaves the table as it was. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* There is one for each name in the kernel's table of files, so it is small. */
struct tally_entry {
  struct row_counts delta; /* events of the current read */
  struct row_counts total; /* published: never falls; see sampler.c */
  unsigned slots;          /* bound to this entry */
  enum row_kind kind : 8;
  bool touched;      /* delta is not zero */
  UT_hash_handle hh; /* tally.c only, by label */
  struct rank_state rank;
  struct held *held; /* NULL: never told; see tally_hold() */
  struct tally_entry *next_touched;
  char label[]; /* below LABEL_SIZE */
};

struct tally;

/* NULL when memory is short. */
struct tally *tally_new(unsigned slots_max);
void tally_free(struct tally *tally);

/* Start of a read: every delta becomes zero. */
void tally_begin(struct tally *tally);

/* Finds or creates the entry of a label. NULL when memory is short. The tally
 * owns it; it lives until tally_forget(). */
struct tally_entry *tally_entry(struct tally *tally, const char *label,
                                enum row_kind kind);
/* NULL when there is none. */
struct tally_entry *tally_find(const struct tally *tally, const char *label);

/* Whether `owner` is the owner to which the slot is bound. */
bool tally_is_bound(const struct tally *tally, unsigned slot, uint32_t owner);
/* The first binding counts the slot from zero, a later one from where it is. */
void tally_bind(struct tally *tally, unsigned slot, uint32_t owner,
                struct tally_entry *entry);

/* Adds to the entry of a bound slot what the row has counted since the last
 * call. A counter that is lower than before adds nothing, and is remembered as
 * it is. */
void tally_count(struct tally *tally, const struct source_row *row);

/* Adds what an entity holds in the read `read`. False when memory is short, for
 * a class, and for NULL. */
bool tally_hold(struct tally *tally, struct tally_entry *entry, uint32_t read,
                const struct source_held *held);

/* The entry after `entry`; the first one after NULL; NULL after the last. */
struct tally_entry *tally_next(const struct tally *tally,
                               const struct tally_entry *entry);

/* The entries with a non-zero delta or something held, linked by next_touched.
 */
struct tally_entry *tally_touched(struct tally *tally);

/* Drops entities that no slot feeds, that rank does not hold, that have no
 * delta, and that hold nothing in the read `read`. A slot feeds the entry of
 * its last owner until it is bound anew. */
void tally_forget(struct tally *tally, uint32_t read);

/* Number of entries, for tests and statistics. */
unsigned tally_size(const struct tally *tally);

#endif
