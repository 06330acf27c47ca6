// SPDX-License-Identifier: MIT
/* The orders of each probe, and what is worth a name in them. */
#include "core/orders.h"

#include "core/tally.h"

#include <math.h>

/* Milliseconds. Without a time, each wait counts as one. With a time, each wait
 * counts at least as much as flash takes, as some waits may have no time. */
static double weigh_waits(const struct tally_entry *entry) {
  double waits = (double)entry->delta.events[ROW_MAJOR];
  double stalled_ms = (double)entry->delta.stalled_ns / 1e6;

  return stalled_ms > 0 ? fmax(stalled_ms, waits / 10) : waits;
}

static double weigh_events(const struct tally_entry *entry) {
  return (double)row_counts_events(&entry->delta);
}

/* One millisecond in a second is a thousandth of a program's time: ten waits
 * for flash, or a tenth of a wait for a turning disk. A program that starts
 * from the disk waits 5 to 20 times for its file. A start of a shell has some
 * 500 faults on a dozen files, 10 to 100 on each. So a program that starts once
 * a second is not worth a name. */
#define WAITS_WORTH 1
#define FAULTS_WORTH 50

const struct rank_orders orders_files = {
    2, {{weigh_waits, true, WAITS_WORTH}, {weigh_events, true, FAULTS_WORTH}}};

/* 0 where the kernel does not tell what is held. */
static double weigh_growth(const struct tally_entry *entry) {
  return entry->held ? held_growth(entry->held) : 0;
}

static double weigh_held(const struct tally_entry *entry) {
  return entry->held ? (double)entry->held->now.bytes : 0;
}

/* Bytes. A leak of 40 objects of 256 bytes a second reaches this in 25 s. */
#define GROWTH_WORTH (256 << 10)

/* Bytes. Less does not matter to a machine that runs collectd. */
#define HELD_WORTH (1 << 20)

/* An idle machine has some 1,000 events a second in a dozen caches. */
#define OBJECTS_WORTH 10

const struct rank_orders orders_caches = {
    3,
    {{weigh_growth, false, GROWTH_WORTH},
     {weigh_held, false, HELD_WORTH},
     {weigh_events, true, OBJECTS_WORTH}}};
