// SPDX-License-Identifier: MIT
/* Sums the counts of caches, gives and takes lines, and ends caches. */
#include "slab/caches.h"

#include <string.h>

/* A cache takes another one's line if it has so many times the other's events
 * in a read. */
#define BUSIER 4

static struct slab_line *line_at(const struct slab_caches *caches, unsigned cpu,
                                 unsigned place) {
  return &caches->lines[(size_t)cpu * SLAB_PAIR_COUNT + place / SLAB_PAIR_LINES]
              .line[place % SLAB_PAIR_LINES];
}

static void line_sum(const struct slab_line *line,
                     uint64_t sum[SLAB_EVENT_COUNT]) {
  for (int i = 0; i < SLAB_COUNTER_COUNT; i++)
    sum[slab_counter_event(i)] +=
        __atomic_load_n(&line->count[i], __ATOMIC_RELAXED);
}

static void place_write(struct slab_caches *caches, unsigned place,
                        uint64_t cache) {
  for (unsigned cpu = 0; cpu < caches->cpus; cpu++)
    __atomic_store_n(&line_at(caches, cpu, place)->cache, cache,
                     __ATOMIC_RELEASE);
}

/* From now on no program finds the line. The heir gets it, if there is one. */
static void place_leave(struct slab_caches *caches, unsigned place,
                        unsigned heir) {
  place_write(caches, place, SLAB_LINE_LEFT);
  caches->place[place].left = true;
  caches->place[place].heir = heir;
  caches->cache[caches->place[place].slot].line = 0;
}

static uint64_t cache_address(const struct slab_caches *caches, unsigned slot) {
  return __atomic_load_n(&caches->slots[slot].cache, __ATOMIC_ACQUIRE);
}

/* If the cache went away meanwhile, a program may have looked for its lines
 * before this one was there. Then the cache leaves it at once. */
static void place_take(struct slab_caches *caches, unsigned place,
                       unsigned slot, uint64_t address) {
  caches->place[place].slot = slot;
  caches->cache[slot].line = place + 1;
  caches->cache[slot].address = address;
  place_write(caches, place, address);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  if (cache_address(caches, slot) != address)
    place_leave(caches, place, 0);
}

/* Empties a line that its cache left before the last read. */
static void place_empty(struct slab_caches *caches, unsigned place) {
  struct slab_cache *cache = &caches->cache[caches->place[place].slot];
  unsigned heir = caches->place[place].heir;
  uint64_t address = cache_address(caches, heir);

  for (unsigned cpu = 0; cpu < caches->cpus; cpu++) {
    struct slab_line *line = line_at(caches, cpu, place);

    line_sum(line, cache->emptied);
    memset(line->count, 0, sizeof(line->count));
  }
  place_write(caches, place, 0);
  caches->place[place] = (struct slab_place){0};
  if (heir && address && !caches->cache[heir].line)
    place_take(caches, place, heir, address);
}

static uint64_t cache_events(const struct slab_cache *cache) {
  return cache->sum[SLAB_ALLOC] + cache->sum[SLAB_FREE];
}

static void caches_sum_counts(struct slab_caches *caches) {
  const struct slab_count *count = caches->counts;

  for (unsigned i = 0; i < SLAB_SLOTS_MAX; i++)
    memcpy(caches->cache[i].sum, caches->cache[i].emptied,
           sizeof(caches->cache[i].sum));
  for (unsigned cpu = 0; cpu < caches->cpus; cpu++)
    for (unsigned i = 0; i < SLAB_SLOTS_MAX; i++, count++)
      for (int event = 0; event < SLAB_EVENT_COUNT; event++)
        caches->cache[i].sum[event] +=
            __atomic_load_n(&count->events[event], __ATOMIC_RELAXED);
}

static void caches_sum_lines(struct slab_caches *caches) {
  for (unsigned i = 0; i < SLAB_PLACES; i++)
    for (unsigned cpu = 0; caches->place[i].slot && cpu < caches->cpus; cpu++)
      line_sum(line_at(caches, cpu, i),
               caches->cache[caches->place[i].slot].sum);
}

void slab_caches_read(struct slab_caches *caches) {
  for (unsigned i = 0; i < SLAB_PLACES; i++)
    if (caches->place[i].left)
      place_empty(caches, i);
  for (unsigned i = 0; i < SLAB_SLOTS_MAX; i++)
    caches->cache[i].grown = cache_events(&caches->cache[i]);
  caches_sum_counts(caches);
  caches_sum_lines(caches);
  for (unsigned i = 0; i < SLAB_SLOTS_MAX; i++)
    caches->cache[i].grown =
        cache_events(&caches->cache[i]) - caches->cache[i].grown;
}

/* The owner of a slot; 0 if it has none, or has given the slot back. */
static uint32_t cache_owner(const struct slab_caches *caches, unsigned slot) {
  uint32_t owner =
      __atomic_load_n(&caches->slots[slot].owner, __ATOMIC_ACQUIRE);

  return owner == caches->cache[slot].released ? 0 : owner;
}

bool slab_caches_row(const struct slab_caches *caches, unsigned slot,
                     struct source_row *ret_row) {
  const struct slab_slot *from = &caches->slots[slot];
  const uint64_t *sum = caches->cache[slot].sum;
  uint32_t owner = cache_owner(caches, slot);

  if (!owner || !from->name[0])
    return false;
  *ret_row = (struct source_row){
      .slot = slot,
      .owner = owner,
      .name = from->name,
      .events = {[ROW_ALLOC] = sum[SLAB_ALLOC], [ROW_FREE] = sum[SLAB_FREE]},
      .event_size = from->size};
  return true;
}

/* The number of free objects that slabinfo may count as in use (mm/slub.c, 5.10
 * to 7.3). On each CPU these are the objects of its own slab, of partial slabs
 * with twice 120 objects (slub_set_cpu_partial()) and of one slab more, and
 * those of three sheaves. On each node they are ten full sheaves
 * (MAX_FULL_SHEAVES). A sheaf has room for at most 64. Events that were counted
 * in "other", as the table was full, may be of any cache, so they are added. */
uint64_t slab_caches_slack(const struct slab_caches *caches,
                           uint64_t slab_objects) {
  const uint64_t partial = 120, sheaf = 64, full_sheaves = 10;

  return caches->cpus * (2 * slab_objects + 2 * partial + 3 * sheaf) +
         full_sheaves * sheaf + cache_events(&caches->cache[SLAB_SLOT_OTHER]);
}

/* Takes one of the two places if it is free. Otherwise a cache with far fewer
 * events leaves its place, and this one has it in the next read. */
static void cache_seek_line(struct slab_caches *caches, unsigned slot,
                            uint64_t address) {
  unsigned first = slab_pair(address) * SLAB_PAIR_LINES, weakest = first;

  for (unsigned i = first; i < first + SLAB_PAIR_LINES; i++) {
    const struct slab_place *place = &caches->place[i];

    if (!place->slot) {
      place_take(caches, i, slot, address);
      return;
    }
    if (place->left)
      return;
    if (caches->cache[place->slot].grown <
        caches->cache[caches->place[weakest].slot].grown)
      weakest = i;
  }
  if (caches->cache[slot].grown / BUSIER >
      caches->cache[caches->place[weakest].slot].grown)
    place_leave(caches, weakest, slot);
}

bool slab_caches_settle(struct slab_caches *caches, unsigned slot) {
  struct slab_cache *cache = &caches->cache[slot];
  uint64_t address = cache_address(caches, slot);
  bool was_gone = cache->gone;

  if (!cache_owner(caches, slot))
    return false;
  if (cache->line && cache->address != address)
    place_leave(caches, cache->line - 1, 0);
  cache->gone = !address;
  if (address && !cache->line && cache->grown &&
      strcmp(caches->slots[slot].name, SLAB_CACHE_OF_CACHES) != 0)
    cache_seek_line(caches, slot, address);
  return was_gone;
}

void slab_caches_released(struct slab_caches *caches, unsigned slot) {
  caches->cache[slot].released = cache_owner(caches, slot);
  caches->cache[slot].gone = false;
}
