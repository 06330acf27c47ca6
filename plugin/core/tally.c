// SPDX-License-Identifier: MIT
/* A hash table of names and an array of the slots that feed them. */
#include "core/tally.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct slot {
  struct tally_entry *entry; /* NULL: never bound */
  uint32_t owner;
  uint64_t last[ROW_EVENT_COUNT], stalled_ns; /* as counted last */
};

struct tally {
  struct slot *slots;
  unsigned slots_max;
  struct tally_entry *entries; /* the table of names; NULL: empty */
  struct tally_entry *touched;
};

struct tally *tally_new(unsigned slots_max) {
  struct tally *tally = calloc(1, sizeof(*tally));

  if (!tally)
    return NULL;
  tally->slots_max = slots_max;
  tally->slots = calloc(slots_max ? slots_max : 1, sizeof(*tally->slots));
  if (tally->slots)
    return tally;
  tally_free(tally);
  return NULL;
}

/* clang's analyzer does not see that the table is freed with its last entry. */
static void forget_entry(struct tally *tally, struct tally_entry *entry) {
  HASH_DEL(tally->entries, entry); /* NOLINT(clang-analyzer-unix.Malloc) */
  free(entry->held);
  free(entry);
}

void tally_free(struct tally *tally) {
  struct tally_entry *entry, *next;

  if (!tally)
    return;
  HASH_ITER (hh, tally->entries, entry, next)
    forget_entry(tally, entry);
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

struct tally_entry *tally_find(const struct tally *tally, const char *label) {
  struct tally_entry *entry;

  HASH_FIND_STR(tally->entries, label, entry);
  return entry;
}

struct tally_entry *tally_entry(struct tally *tally, const char *label,
                                enum row_kind kind) {
  struct tally_entry *entry = tally_find(tally, label);
  size_t length = strlen(label);

  if (entry)
    return entry;
  assert(length < LABEL_SIZE);
  entry = calloc(1, offsetof(struct tally_entry, label) + length + 1);
  if (!entry)
    return NULL;
  memcpy(entry->label, label, length);
  entry->kind = kind;
  HASH_ADD_KEYPTR(hh, tally->entries, entry->label, length, entry);
  if (entry->hh.tbl)
    return entry;
  free(entry);
  return NULL;
}

static struct slot *slot_state(const struct tally *tally, unsigned slot) {
  assert(slot < tally->slots_max);
  return &tally->slots[slot];
}

bool tally_is_bound(const struct tally *tally, unsigned slot, uint32_t owner) {
  const struct slot *bound = slot_state(tally, slot);

  return bound->entry && bound->owner == owner;
}

void tally_bind(struct tally *tally, unsigned slot, uint32_t owner,
                struct tally_entry *entry) {
  struct slot *bound = slot_state(tally, slot);

  /* `last` stays, as the slot's counters run on from owner to owner. */
  if (bound->entry)
    bound->entry->slots--;
  entry->slots++;
  bound->entry = entry;
  bound->owner = owner;
}

static void touch_entry(struct tally *tally, struct tally_entry *entry) {
  if (entry->touched)
    return;
  entry->touched = true;
  entry->next_touched = tally->touched;
  tally->touched = entry;
}

/* What a counter has grown by. */
static uint64_t advance(uint64_t *last, uint64_t now) {
  uint64_t before = *last;

  *last = now;
  return now > before ? now - before : 0;
}

void tally_count(struct tally *tally, const struct source_row *row) {
  struct slot *bound = slot_state(tally, row->slot);
  struct row_counts *delta = &bound->entry->delta;
  uint64_t stalled_ns = advance(&bound->stalled_ns, row->stalled_ns);
  uint64_t all = stalled_ns;

  delta->stalled_ns += stalled_ns;
  for (int i = 0; i < ROW_EVENT_COUNT; i++) {
    uint64_t more = advance(&bound->last[i], row->events[i]);

    delta->events[i] += more;
    delta->bytes[i] += more * row->event_size;
    all |= more;
  }
  if (all)
    touch_entry(tally, bound->entry);
}

bool tally_hold(struct tally *tally, struct tally_entry *entry, uint32_t read,
                const struct source_held *held) {
  if (!entry || entry->kind != ROW_ENTITY)
    return false;
  if (!entry->held)
    entry->held = calloc(1, sizeof(*entry->held));
  if (!entry->held)
    return false;
  held_add(entry->held, read, held);
  touch_entry(tally, entry);
  return true;
}

struct tally_entry *tally_touched(struct tally *tally) {
  return tally->touched;
}

struct tally_entry *tally_next(const struct tally *tally,
                               const struct tally_entry *entry) {
  return entry ? entry->hh.next : tally->entries;
}

static bool is_needed(const struct tally_entry *entry, uint32_t read) {
  return entry->kind == ROW_CLASS || entry->slots || entry->touched ||
         rank_holds(&entry->rank) ||
         (entry->held && held_is_of(entry->held, read));
}

void tally_forget(struct tally *tally, uint32_t read) {
  struct tally_entry *entry, *next;

  HASH_ITER (hh, tally->entries, entry, next)
    if (!is_needed(entry, read))
      forget_entry(tally, entry);
}

unsigned tally_size(const struct tally *tally) {
  return HASH_COUNT(tally->entries);
}
