// SPDX-License-Identifier: MIT
/* Reads one probe: what it counted in the interval, and what is held. */
#include "view.h"

#include "aliases.h"
#include "core/tally.h"
#include "display.h"
#include "stop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9

/* Statistics that a probe tells about itself. */
struct state {
  double missed; /* since it started */
  unsigned sampling;
  char hooks[sizeof(((struct reading *)0)->hooks)];
};

struct view {
  enum probe_id id;
  const struct probe *probe;
  struct aliases *aliases; /* slab only */
  struct groups *groups;   /* page faults only */
  void *ctx;
  struct source source;
  struct tally *tally;
  uint32_t read; /* number of the last one */
  struct row *rows;
  unsigned rows_max;
  struct figures sum;
  double missed_before, missed_start;
  uint64_t since_ns; /* when the interval began */
  bool delivered;    /* what the tally's deltas hold */
};

/* A group's name has no slash in front, but each path has one. */
static void display_file(const struct view *view, const char *path,
                         char name[static LABEL_SIZE]) {
  char group[GROUPS_NAME_SIZE];
  bool is_member = groups_name(view->groups, path, group, sizeof(group));

  display_cut(is_member ? group : path, name, LABEL_SIZE);
}

static void display_name(const struct view *view, const struct source_row *row,
                         char name[static LABEL_SIZE]) {
  if (row->kind == ROW_CLASS)
    snprintf(name, LABEL_SIZE, "[%s]", row->name);
  else
    display_file(view, row->name, name);
}

/* When memory is short, the row waits for the next reading. */
static void take_row(void *arg, const struct source_row *row) {
  struct view *view = arg;
  struct tally *tally = view->tally;

  if (!tally_is_bound(tally, row->slot, row->owner)) {
    char name[LABEL_SIZE];
    struct tally_entry *entry;

    display_name(view, row, name);
    entry = tally_entry(tally, name, row->kind);
    if (!entry)
      return;
    tally_bind(tally, row->slot, row->owner, entry);
  }
  tally_count(tally, row);
}

static void take_held(void *arg, const struct source_held *held) {
  struct view *view = arg;
  char name[LABEL_SIZE];

  display_cut(held->name, name, sizeof(name));
  tally_hold(view->tally, tally_entry(view->tally, name, ROW_ENTITY),
             view->read, held);
}

static void take_stat(void *arg, const struct source_stat *stat) {
  static const char hook[] = "hook_";
  struct state *state = arg;
  size_t used = strlen(state->hooks);

  if (!strcmp(stat->name, "events_missed"))
    state->missed = stat->value;
  else if (!strcmp(stat->name, "sampling"))
    state->sampling = (unsigned)stat->value;
  else if (!strncmp(stat->name, hook, strlen(hook)) && stat->value > 0)
    snprintf(state->hooks + used, sizeof(state->hooks) - used, "%s%s",
             used ? " " : "", stat->name + strlen(hook));
}

static struct state state_of(const struct view *view) {
  struct state state = {0};

  view->source.stats(view->source.ctx, take_stat, &state);
  return state;
}

static int reserve(struct view *view, unsigned count) {
  struct row *rows;

  if (count <= view->rows_max)
    return 0;
  rows = reallocarray(view->rows, count, sizeof(*rows));
  if (!rows)
    return -ENOMEM;
  view->rows = rows;
  view->rows_max = count;
  return 0;
}

/* Counts of a reading that failed stay for the next one. */
static void drop_delivered(struct view *view) {
  if (!view->delivered)
    return;
  tally_begin(view->tally);
  tally_forget(view->tally, view->read);
  view->delivered = false;
}

int view_gather(struct view *view) {
  int err;

  drop_delivered(view);
  view->read++;
  err = view->source.harvest(view->source.ctx, take_row, view);
  if (!err && view->source.held)
    view->source.held(view->source.ctx, take_held, view);
  return err;
}

void view_start(struct view *view) {
  view->delivered = !view_gather(view);
  view->missed_start = view->missed_before = state_of(view).missed;
  view->since_ns = stop_now_ns();
}

/* Of the classes, only that of files without a row of their own has a time. */
static bool view_tells_stalled(const struct view *view,
                               const struct tally_entry *entry) {
  return view->source.tells_stalled &&
         (entry->kind == ROW_ENTITY || !strcmp(entry->label, "[other]") ||
          entry->total.stalled_ns);
}

static void fill_row(const struct view *view, const struct tally_entry *entry,
                     struct row *ret_row) {
  const struct held *held = entry->held;
  bool is_held = held && held_is_of(held, view->read);

  strcpy(ret_row->name, entry->label);
  ret_row->kind = entry->kind;
  ret_row->figures =
      (struct figures){.delta = entry->delta,
                       .total = entry->total,
                       .tells_stalled = view_tells_stalled(view, entry)};
  if (!is_held)
    return;
  ret_row->figures.is_held = true;
  ret_row->figures.objects = held->now.objects;
  ret_row->figures.bytes = held->now.bytes;
  ret_row->figures.growth = (int64_t)(held->now.bytes - held->start_bytes);
}

/* The totals of names that were given up stay in the sum. */
static unsigned fill_rows(struct view *view) {
  unsigned count = 0;

  view->sum = (struct figures){.total = view->sum.total};
  for (struct tally_entry *e = tally_next(view->tally, NULL); e;
       e = tally_next(view->tally, e)) {
    struct row *row = &view->rows[count++];
    struct figures more;

    row_counts_add(&e->total, &e->delta);
    fill_row(view, e, row);
    more = row->figures;
    more.total = e->delta;
    figures_add(&view->sum, &more);
  }
  return count;
}

int view_read(struct view *view, struct reading *ret_reading) {
  int err = view_gather(view);
  struct state state;
  unsigned count;
  uint64_t now;

  if (!err)
    err = reserve(view, tally_size(view->tally));
  if (err)
    return err;
  now = stop_now_ns();
  state = state_of(view);
  count = fill_rows(view);
  *ret_reading = (struct reading){
      .probe = view->id,
      .count = count,
      .rows = view->rows,
      .sum = view->sum,
      .seconds = (double)(now - view->since_ns) / NS_PER_S,
      .missed = (uint64_t)(state.missed - view->missed_before),
      .missed_total = (uint64_t)(state.missed - view->missed_start),
      .sampling = state.sampling,
      .aliases = view->aliases};
  strcpy(ret_reading->hooks, state.hooks);
  view->missed_before = state.missed;
  view->since_ns = now;
  view->delivered = true;
  return 0;
}

static int open_probe(struct view *view, const struct probe_options *options) {
  int err = view->probe->open(options, &view->ctx);

  if (err)
    return err;
  view->source = view->probe->source(view->ctx);
  view->tally = tally_new(view->source.slots_max);
  if (view->tally)
    return 0;
  log_printf(&options->log, LOG_LEVEL_ERROR, "%s: out of memory",
             view->probe->name);
  return -ENOMEM;
}

int view_open(enum probe_id id, const struct settings *settings,
              struct features *kernel, const struct log *log,
              struct view **ret_view) {
  const struct settings_probe *own = probe_settings(settings, id);
  const struct probe_options options = {.hooks = own->hooks,
                                        .max_tracked = own->max_tracked,
                                        .sample_above = own->sample_above,
                                        .kernel = kernel,
                                        .log = *log};
  struct view *view = calloc(1, sizeof(*view));
  int err;

  if (!view)
    return -ENOMEM;
  view->id = id;
  view->probe = probes[id];
  view->groups = own->groups;
  if (id == PROBE_SLAB)
    view->aliases = aliases_load(ALIASES_DIR);
  err = open_probe(view, &options);
  if (err)
    view_close(view);
  else
    *ret_view = view;
  return err;
}

void view_close(struct view *view) {
  if (!view)
    return;
  view->probe->close(view->ctx);
  tally_free(view->tally);
  aliases_free(view->aliases);
  free(view->rows);
  free(view);
}
