// SPDX-License-Identifier: MIT
/* One read of one probe: joins source, tally, filter, label and rank. */
#include "core/sampler.h"

#include "core/groups.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct class_row {
  struct tally_entry *entry;
  struct row_counts sunk; /* its total when it was last published */
};

struct sampler {
  struct source source;
  const struct settings_probe *settings;
  struct tally *tally;
  struct rank *rank;
  const char *const *class_names; /* sorted, NULL-terminated */
  struct class_row *classes;      /* in the same order */
  unsigned class_count;
  struct tally_entry *other;
  bool started;     /* a read was sunk */
  uint32_t read;    /* its number, from 1; lasts for centuries */
  uint64_t deduced; /* events that nothing counted */
  int error;        /* of the harvest in progress */
};

static int create_classes(struct sampler *sampler) {
  unsigned count = 0;

  while (sampler->class_names[count])
    count++;
  sampler->class_count = count;
  sampler->classes = calloc(count + 1, sizeof(*sampler->classes));
  if (!sampler->classes)
    return -ENOMEM;
  for (unsigned i = 0; i < count; i++) {
    const char *name = sampler->class_names[i];

    assert(!i || strcmp(sampler->class_names[i - 1], name) < 0);
    sampler->classes[i].entry = tally_entry(sampler->tally, name, ROW_CLASS);
    if (!sampler->classes[i].entry)
      return -ENOMEM;
  }
  sampler->other = tally_find(sampler->tally, SAMPLER_OTHER);
  assert(sampler->other);
  return 0;
}

/* If the user has named what to show, a name is worth its cost with its first
 * event. */
static struct rank_orders orders_with(const struct rank_orders *orders,
                                      const struct filter *filter) {
  struct rank_orders own = *orders;

  for (unsigned i = 0; filter_selects(filter) && i < RANK_ORDERS_MAX; i++)
    own.order[i].worth = 0;
  return own;
}

struct sampler *sampler_new(const struct source *source,
                            const struct settings_probe *settings,
                            const char *const *classes,
                            const struct rank_orders *orders) {
  const struct rank_orders own = orders_with(orders, settings->filter);
  struct sampler *sampler = calloc(1, sizeof(*sampler));

  if (!sampler)
    return NULL;
  sampler->source = *source;
  sampler->settings = settings;
  if (settings->groups && filter_selects(settings->filter))
    groups_use_stock(settings->groups, false);
  sampler->class_names = classes;
  sampler->tally = tally_new(source->slots_max);
  sampler->rank = rank_new(settings->max_series, &own);
  if (sampler->tally && sampler->rank && !create_classes(sampler))
    return sampler;
  sampler_free(sampler);
  return NULL;
}

void sampler_free(struct sampler *sampler) {
  if (!sampler)
    return;
  rank_free(sampler->rank);
  tally_free(sampler->tally);
  free(sampler->classes);
  free(sampler);
}

static struct tally_entry *class_entry(const struct sampler *sampler,
                                       const char *name) {
  struct tally_entry *entry = tally_find(sampler->tally, name);

  return entry && entry->kind == ROW_CLASS ? entry : sampler->other;
}

/* The label of the path's group, if it is in one. The label of another path
 * must not look like that of a group. */
static void make_label(const struct sampler *sampler, const char *path,
                       char label[static LABEL_SIZE]) {
  struct groups *groups = sampler->settings->groups;
  char name[GROUPS_NAME_SIZE];

  if (groups_name(groups, path, name, sizeof(name))) {
    label_make(name, sampler->class_names, label);
    return;
  }
  label_make(path, sampler->class_names, label);
  if (groups_claim(groups, label))
    label_make_hashed(path, label);
}

/* NULL when memory is short. */
static struct tally_entry *entry_of(const struct sampler *sampler,
                                    const struct source_row *row) {
  char label[LABEL_SIZE];

  if (row->kind == ROW_CLASS)
    return class_entry(sampler, row->name);
  if (!filter_accepts(sampler->settings->filter, row->name))
    return sampler->other;
  make_label(sampler, row->name, label);
  return tally_entry(sampler->tally, label, ROW_ENTITY);
}

/* Called once per owner of a slot, so that names are matched once and not in
 * each read. */
static int bind_owner(struct sampler *sampler, const struct source_row *row) {
  struct tally_entry *entry = entry_of(sampler, row);

  if (!entry)
    return -ENOMEM;
  tally_bind(sampler->tally, row->slot, row->owner, entry);
  return 0;
}

/* A row that cannot be taken is not counted now: the next read has it. */
static void sample_row(void *arg, const struct source_row *row) {
  struct sampler *sampler = arg;
  int error = 0;

  if (row->slot >= sampler->source.slots_max)
    error = -ERANGE;
  else if (!tally_is_bound(sampler->tally, row->slot, row->owner))
    error = bind_owner(sampler, row);
  if (error)
    sampler->error = error;
  else
    tally_count(sampler->tally, row);
}

/* Also for names without an event, as most of what a host holds may be at rest.
 */
static void sample_held(void *arg, const struct source_held *held) {
  const struct sampler *sampler = arg;
  struct tally_entry *entry;
  char label[LABEL_SIZE];

  label_make(held->name, sampler->class_names, label);
  entry = tally_find(sampler->tally, label);
  if (!entry && filter_accepts(sampler->settings->filter, held->name))
    entry = tally_entry(sampler->tally, label, ROW_ENTITY);
  tally_hold(sampler->tally, entry, sampler->read, held);
}

/* Adds the events that nothing counted to those of this read. */
static void sample_rest(struct sampler *sampler, struct tally_entry *entry) {
  uint64_t more[ROW_EVENT_COUNT];

  held_count(entry->held, held_is_of(entry->held, sampler->read),
             entry->delta.events, more);
  for (int i = 0; i < ROW_EVENT_COUNT; i++) {
    entry->delta.events[i] += more[i];
    entry->delta.bytes[i] += more[i] * entry->held->now.object_size;
    sampler->deduced += more[i];
  }
  if ((more[ROW_ALLOC] || more[ROW_FREE]) && !entry->held->deduces) {
    entry->held->deduces = true;
    if (sampler->source.deduces)
      sampler->source.deduces(sampler->source.ctx, entry->label);
  }
}

static void sample_all_held(struct sampler *sampler) {
  struct tally_entry *entry;

  if (!sampler->source.held)
    return;
  sampler->source.held(sampler->source.ctx, sample_held, sampler);
  for (entry = tally_touched(sampler->tally); entry;
       entry = entry->next_touched)
    if (entry->held)
      sample_rest(sampler, entry);
}

/* Adds each delta to a total: that of the entry if it has a row, else that of
 * "other". */
static void settle(struct sampler *sampler) {
  struct tally_entry *entry = tally_touched(sampler->tally);

  for (; entry; entry = entry->next_touched) {
    bool is_row = entry->kind == ROW_CLASS || entry->rank.shown;

    row_counts_add(is_row ? &entry->total : &sampler->other->total,
                   &entry->delta);
  }
}

/* Called in every read. */
static void sink_class(const struct sampler *sampler, struct class_row *class,
                       sampler_sink *sink, void *arg) {
  const struct sampler_row row = {.label = class->entry->label,
                                  .kind = ROW_CLASS,
                                  .fresh = !sampler->started,
                                  .before = &class->sunk,
                                  .total = &class->entry->total};

  sink(arg, &row);
  class->sunk = class->entry->total;
}

/* The entry's total grows only in reads that sink it, by the delta of the read.
 */
static void sink_entity(const struct sampler *sampler,
                        const struct tally_entry *entry, sampler_sink *sink,
                        void *arg) {
  struct row_counts before = entry->total;
  bool is_held = entry->held && held_is_of(entry->held, sampler->read);
  const struct sampler_row row = {.label = entry->label,
                                  .kind = ROW_ENTITY,
                                  .held = is_held ? entry->held : NULL,
                                  .fresh = rank_is_new(sampler->rank, entry),
                                  .before = &before,
                                  .total = &entry->total};

  row_counts_subtract(&before, &entry->delta);
  sink(arg, &row);
}

/* Merges two arrays that are sorted by label. */
static void sink_all(const struct sampler *sampler, sampler_sink *sink,
                     void *arg) {
  struct class_row *classes = sampler->classes;
  struct class_row *classes_end = classes + sampler->class_count;
  struct tally_entry *const *shown;
  unsigned shown_count = rank_shown(sampler->rank, &shown);
  struct tally_entry *const *shown_end = shown + shown_count;

  while (classes < classes_end || shown < shown_end) {
    bool is_class = shown == shown_end ||
                    (classes < classes_end &&
                     strcmp(classes->entry->label, (*shown)->label) < 0);

    if (is_class)
      sink_class(sampler, classes++, sink, arg);
    else
      sink_entity(sampler, *shown++, sink, arg);
  }
}

/* Deltas are cleared only after they were sunk. If a harvest fails half way,
 * they wait for the next read. */
int sampler_read(struct sampler *sampler, uint64_t now_ns, sampler_sink *sink,
                 void *arg) {
  int error;

  sampler->error = 0;
  sampler->read++;
  error = sampler->source.harvest(sampler->source.ctx, sample_row, sampler);
  if (!error)
    error = sampler->error;
  if (error)
    return error;
  sample_all_held(sampler);
  rank_update(sampler->rank, tally_touched(sampler->tally), now_ns);
  settle(sampler);
  sink_all(sampler, sink, arg);
  sampler->started = true;
  tally_begin(sampler->tally);
  tally_forget(sampler->tally, sampler->read);
  return 0;
}

uint64_t sampler_names_refused(const struct sampler *sampler) {
  return rank_names_refused(sampler->rank);
}

void sampler_stats(const struct sampler *sampler, source_take_stat *take_stat,
                   void *arg) {
  const struct source_stat stats[] = {
      {"names_refused", true, (double)sampler_names_refused(sampler)},
      {"names_tracked", false,
       tally_size(sampler->tally) - sampler->class_count},
  };

  for (size_t i = 0; i < sizeof(stats) / sizeof(stats[0]); i++)
    take_stat(arg, &stats[i]);
  if (sampler->source.held)
    take_stat(arg, &(struct source_stat){"events_deduced", true,
                                         (double)sampler->deduced});
}
