// SPDX-License-Identifier: MIT
/* A hash table of names and an array of the slots that feed them. */
#include "core/tally.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Enough for the classes and a default top N before the first growth. */
#define BUCKETS_MIN 64

/* Names are looked for once per owner of a slot, but all chains are walked in
 * each read. */
#define CHAIN_MEAN 2

struct slot {
  struct tally_entry *entry; /* NULL: never bound */
  uint32_t owner;
  uint64_t last[ROW_EVENT_COUNT];
};

struct tally {
  struct slot *slots;
  unsigned slots_max;
  struct tally_entry **buckets;
  unsigned bucket_count; /* a power of two */
  unsigned size;
  struct tally_entry *touched;
};

struct tally *tally_new(unsigned slots_max) {
  struct tally *tally = calloc(1, sizeof(*tally));

  if (!tally)
    return NULL;
  tally->slots_max = slots_max;
  tally->bucket_count = BUCKETS_MIN;
  tally->slots = calloc(slots_max ? slots_max : 1, sizeof(*tally->slots));
  tally->buckets = calloc(BUCKETS_MIN, sizeof(*tally->buckets));
  if (tally->slots && tally->buckets)
    return tally;
  tally_free(tally);
  return NULL;
}

static void free_chain(struct tally_entry *entry) {
  while (entry) {
    struct tally_entry *next = entry->next_in_bucket;

    free(entry);
    entry = next;
  }
}

void tally_free(struct tally *tally) {
  if (!tally)
    return;
  for (unsigned i = 0; tally->buckets && i < tally->bucket_count; i++)
    free_chain(tally->buckets[i]);
  free(tally->buckets);
  free(tally->slots);
  free(tally);
}

void tally_begin(struct tally *tally) {
  for (struct tally_entry *e = tally->touched; e; e = e->next_touched) {
    e->delta = (struct row_counts){0};
    e->touched = false;
  }
  tally->touched = NULL;
}

static struct tally_entry **bucket_of(const struct tally *tally,
                                      const char *label) {
  return &tally->buckets[label_hash(label) & (tally->bucket_count - 1)];
}

static void insert(struct tally *tally, struct tally_entry *entry) {
  struct tally_entry **bucket = bucket_of(tally, entry->label);

  entry->next_in_bucket = *bucket;
  *bucket = entry;
}

static void rehash(struct tally *tally, struct tally_entry **old,
                   unsigned old_count) {
  for (unsigned i = 0; i < old_count; i++) {
    while (old[i]) {
      struct tally_entry *entry = old[i];

      old[i] = entry->next_in_bucket;
      insert(tally, entry);
    }
  }
}

/* Without memory the chains get longer, no more. */
static void grow(struct tally *tally) {
  struct tally_entry **old = tally->buckets;
  unsigned old_count = tally->bucket_count;
  struct tally_entry **buckets = calloc(old_count, 2 * sizeof(*buckets));

  if (!buckets)
    return;
  tally->buckets = buckets;
  tally->bucket_count = 2 * old_count;
  rehash(tally, old, old_count);
  free(old);
}

struct tally_entry *tally_find(const struct tally *tally, const char *label) {
  struct tally_entry *entry = *bucket_of(tally, label);

  while (entry && strcmp(entry->label, label) != 0)
    entry = entry->next_in_bucket;
  return entry;
}

struct tally_entry *tally_entry(struct tally *tally, const char *label,
                                enum row_kind kind) {
  struct tally_entry *entry = tally_find(tally, label);
  size_t size = strlen(label) + 1;

  if (entry)
    return entry;
  assert(size <= LABEL_SIZE);
  entry = calloc(1, offsetof(struct tally_entry, label) + size);
  if (!entry)
    return NULL;
  memcpy(entry->label, label, size);
  entry->kind = kind;
  if (tally->size >= CHAIN_MEAN * tally->bucket_count)
    grow(tally);
  insert(tally, entry);
  tally->size++;
  return entry;
}

static struct slot *slot_at(const struct tally *tally, unsigned slot) {
  assert(slot < tally->slots_max);
  return &tally->slots[slot];
}

bool tally_is_bound(const struct tally *tally, unsigned slot, uint32_t owner) {
  const struct slot *bound = slot_at(tally, slot);

  return bound->entry && bound->owner == owner;
}

void tally_bind(struct tally *tally, unsigned slot, uint32_t owner,
                struct tally_entry *entry) {
  struct slot *bound = slot_at(tally, slot);

  /* `last` stays: the slot's counters run on from owner to owner. */
  if (bound->entry)
    bound->entry->slots--;
  entry->slots++;
  bound->entry = entry;
  bound->owner = owner;
}

static void touch(struct tally *tally, struct tally_entry *entry) {
  if (entry->touched)
    return;
  entry->touched = true;
  entry->next_touched = tally->touched;
  tally->touched = entry;
}

void tally_count(struct tally *tally, unsigned slot,
                 const uint64_t events[ROW_EVENT_COUNT], uint32_t event_size) {
  struct slot *bound = slot_at(tally, slot);

  for (int i = 0; i < ROW_EVENT_COUNT; i++) {
    uint64_t last = bound->last[i];

    bound->last[i] = events[i];
    if (events[i] <= last)
      continue;
    bound->entry->delta.events[i] += events[i] - last;
    bound->entry->delta.bytes[i] += (events[i] - last) * event_size;
    touch(tally, bound->entry);
  }
}

struct tally_entry *tally_touched(struct tally *tally) {
  return tally->touched;
}

static bool is_needed(const struct tally_entry *entry) {
  return entry->kind == ROW_CLASS || entry->slots || entry->touched ||
         rank_holds(&entry->rank);
}

static void forget_in(struct tally *tally, struct tally_entry **link) {
  while (*link) {
    struct tally_entry *entry = *link;

    if (is_needed(entry)) {
      link = &entry->next_in_bucket;
      continue;
    }
    *link = entry->next_in_bucket;
    free(entry);
    tally->size--;
  }
}

void tally_forget(struct tally *tally) {
  for (unsigned i = 0; i < tally->bucket_count; i++)
    forget_in(tally, &tally->buckets[i]);
}

unsigned tally_size(const struct tally *tally) {
  return tally->size;
}
