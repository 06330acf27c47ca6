/* SPDX-License-Identifier: MIT */
/* Entries with the events of one read, and who of them is shown. */
#ifndef BPFMEM_RANKED_ENTRIES_H
#define BPFMEM_RANKED_ENTRIES_H

#include "check_main.h"
#include "core/rank.h"
#include "core/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES 2003
#define HOUR_NS (UINT64_C(3600) * 1000000000)
#define DAY_NS (24 * HOUR_NS)

static struct tally_entry *entries[ENTRIES], *touched;
static struct rank *rank;
static uint64_t now_ns;

static inline double all_events(const struct tally_entry *entry) {
  return (double)row_counts_events(&entry->delta);
}

/* Entries are labelled e0000, e0001, ... in ascending order. */
static inline void start_with(unsigned rows_max,
                              const struct rank_orders *orders) {
  for (int i = 0; i < ENTRIES; i++) {
    free(entries[i]);
    entries[i] = calloc(1, sizeof(*entries[i]) + LABEL_SIZE);
    snprintf(entries[i]->label, LABEL_SIZE, "e%04d", i);
  }
  touched = NULL;
  now_ns = 17 * HOUR_NS;
  rank = rank_new(rows_max, orders);
  ck_assert_ptr_nonnull(rank);
}

static inline void start(unsigned rows_max) {
  start_with(rows_max, &(struct rank_orders){1, {{all_events, true, 0}}});
}

static inline void teardown(void) {
  rank_free(NULL);
  rank_free(rank);
  rank = NULL;
}

static inline void touch(int i, uint64_t events) {
  entries[i]->delta.events[ROW_SECOND] = events;
  entries[i]->next_touched = touched;
  touched = entries[i];
}

static inline void update(void) {
  rank_update(rank, touched, now_ns);
  touched = NULL;
}

static inline void update_idle(int reads) {
  while (reads--)
    update();
}

/* "0 2 3": the numbers of the shown entries, in the order of rank_shown(). */
static inline const char *shown(void) {
  static char text[256];
  struct tally_entry *const *list;
  unsigned count = rank_shown(rank, &list);
  size_t length = 0;

  text[0] = '\0';
  for (unsigned i = 0; i < count; i++) {
    ck_assert(list[i]->rank.shown && list[i]->rank.known);
    length += snprintf(text + length, sizeof(text) - length, "%s%d",
                       i ? " " : "", atoi(list[i]->label + 1));
  }
  return text;
}

#endif
