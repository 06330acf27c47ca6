/* SPDX-License-Identifier: MIT */
/* What caches have counted, and which of them have lines (bpf/slab/api.h).
 *
 * A slot whose cache is gone, or a line that its cache has left, is handed on
 * one read after that was seen. Until then, a program that had found it may
 * still add; the sums have that. */
#ifndef BPFMEM_SLAB_CACHES_H
#define BPFMEM_SLAB_CACHES_H

#include "core/source.h"
#include "slab/api.h"

#include <stdbool.h>
#include <stdint.h>

#define SLAB_PLACES (SLAB_PAIR_COUNT * SLAB_PAIR_LINES)

/* The cache of a slot, as this process knows it. */
struct slab_cache {
  uint64_t emptied[SLAB_EVENT_COUNT]; /* counts of lines that it left */
  uint64_t sum[SLAB_EVENT_COUNT];     /* of all CPUs, as of the last read */
  uint64_t grown;                     /* events between the last two reads */
  uint64_t address;                   /* the cache for which its line is */
  unsigned line;                      /* its place plus one; 0: it has none */
  uint32_t released;                  /* the owner when the slot went back */
  bool gone;                          /* the last read saw that it is gone */
};

/* A line. It is at the same place on every CPU. */
struct slab_place {
  unsigned slot; /* whose counts it has; 0: nobody's */
  unsigned heir; /* who gets it once it is empty, or 0 */
  bool left;     /* no program finds it any more */
};

/* `slots`, `counts` and `lines` are tables of the object; only `lines` is
 * written, too. All else is zero at first. */
struct slab_caches {
  unsigned cpus;
  const struct slab_slot *slots;
  const struct slab_count *counts;
  struct slab_pair *lines;
  struct slab_cache cache[SLAB_SLOTS_MAX];
  struct slab_place place[SLAB_PLACES];
};

/* Sums what all CPUs have counted. */
void slab_caches_read(struct slab_caches *caches);

/* The row of a slot's owner; false if it has none now. The name is valid until
 * the slot is released. */
bool slab_caches_row(const struct slab_caches *caches, unsigned slot,
                     struct source_row *ret_row);

/* How many free objects of a cache may look in use, or the other way round, as
 * far as the last read tells. A slab of the cache has `slab_objects`. */
uint64_t slab_caches_slack(const struct slab_caches *caches,
                           uint64_t slab_objects);

/* Call it once in each read, after the row. Gives a busy cache a line, and
 * takes the line from a cache that is gone. True if the slot may go back to the
 * kernel. */
bool slab_caches_settle(struct slab_caches *caches, unsigned slot);
/* Call it when the slot went back. */
void slab_caches_released(struct slab_caches *caches, unsigned slot);

#endif
