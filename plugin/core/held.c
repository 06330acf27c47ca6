// SPDX-License-Identifier: MIT
/* Growth is the rise of the floor. Events are differences of what is held. */
#include "core/held.h"

/* The floor is compared with its average of about half an hour, at collectd's
 * own interval of 10 s; at first with that of fewer reads. */
#define BASE_READS 180

/* The number of changes that tells steady growth from memory that comes and
 * goes; and the least number, as a program that starts makes some caches grow
 * once. */
#define STEADY_CHANGES 12
#define STEADY_CHANGES_MIN 3

/* The least of the recent reads. Bursts come on top of it. */
static uint64_t floor_of(const struct held *held) {
  uint64_t least = held->recent[0];

  for (int i = 1; i < HELD_RECENT; i++)
    if (held->recent[i] < least)
      least = held->recent[i];
  return least;
}

static void approach(double *value, double target, double reads) {
  *value += (target - *value) / reads;
}

/* Called when the read before is complete. */
static void note_read(struct held *held) {
  uint64_t before = floor_of(held), now;

  held->recent[held->reads % HELD_RECENT] = held->now.bytes;
  held->reads++;
  now = floor_of(held);
  if (held->reads <= HELD_RECENT) {
    held->base = (double)now;
    return;
  }
  approach(&held->base, (double)now, BASE_READS);
  if (now == before)
    return;
  if (held->changes < STEADY_CHANGES)
    held->changes++;
  approach(&held->steady, now > before ? 1 : -1, held->changes);
}

void held_add(struct held *held, uint32_t read,
              const struct source_held *more) {
  if (held->read != read) {
    if (held->read)
      note_read(held);
    held->now = (struct source_held){0};
    held->read = read;
  }
  held->now.objects += more->objects;
  held->now.bytes += more->bytes;
  if (read == 1)
    held->start_bytes = held->now.bytes;
  held->now.slack += more->slack;
  held->now.object_size = more->object_size;
}

/* Tells how many more events of a kind are missing, when this read shows that
 * `lack` are. What two reads show is sure. If events of this kind were missing
 * before, all but the slack is sure in this read already. */
static uint64_t deduce(struct held *held, int kind, int64_t lack) {
  int64_t sure = lack < held->lack[kind] ? lack : held->lack[kind];
  uint64_t known = held->rest[kind];

  held->lack[kind] = lack;
  if (known && sure < lack - (int64_t)held->now.slack)
    sure = lack - (int64_t)held->now.slack;
  if (sure < 0 || (uint64_t)sure <= (known ? known : held->now.slack))
    return 0;
  held->rest[kind] = (uint64_t)sure;
  return (uint64_t)sure - known;
}

void held_count(struct held *held, bool is_told,
                const uint64_t events[ROW_EVENT_COUNT],
                uint64_t ret_more[ROW_EVENT_COUNT]) {
  const uint64_t *counted = held->counted;
  int64_t lack;

  for (int i = 0; i < ROW_EVENT_COUNT; i++) {
    ret_more[i] = 0;
    held->counted[i] += held->counts ? events[i] : 0;
  }
  if (!held->counts)
    held->start = held->now.objects;
  held->counts = true;
  if (!is_told)
    return;
  lack = (int64_t)(counted[ROW_ALLOC] - counted[ROW_FREE] -
                   (held->now.objects - held->start));
  ret_more[ROW_FREE] = deduce(held, ROW_FREE, lack);
  ret_more[ROW_ALLOC] = deduce(held, ROW_ALLOC, -lack);
}

bool held_is_of(const struct held *held, uint32_t read) {
  return held->read == read;
}

double held_growth(const struct held *held) {
  double grown = (double)floor_of(held) - held->base;

  return held->changes >= STEADY_CHANGES_MIN && held->steady > 0 && grown > 0
             ? grown * held->steady
             : 0;
}
