// SPDX-License-Identifier: MIT
/* Reads one probe and sorts what it counted in the interval. */
#include "view.h"

#include "aliases.h"
#include "display.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a table of 80 columns has room for beside its numbers. */
#define ALIASES_SIZE 58

struct view {
  const struct probe *probe;
  struct aliases *aliases; /* slab only */
  struct groups *groups;   /* page faults only */
  void *ctx;
  struct source source;
  struct tally *tally;
  struct tally_entry **sorted;
  unsigned sorted_max;
  double missed;  /* since the probe started */
  bool delivered; /* what the tally's deltas hold */
};

/* A group's name has no slash in front, as each path has. */
static void display_file(const struct view *view, const char *path,
                         char name[static LABEL_SIZE]) {
  char group[GROUPS_NAME_SIZE];
  bool is_member = groups_name(view->groups, path, group, sizeof(group));

  display_printable(is_member ? group : path, name, LABEL_SIZE);
}

static void display_name(const struct view *view, const struct source_row *row,
                         char name[static LABEL_SIZE]) {
  if (row->kind == ROW_CLASS)
    snprintf(name, LABEL_SIZE, "[%s]", row->name);
  else if (view->aliases)
    aliases_describe(view->aliases, row->name, name, ALIASES_SIZE);
  else
    display_file(view, row->name, name);
}

/* Without memory the row is left for the next reading. */
static void take_row(void *arg, const struct source_row *row) {
  struct view *view = arg;
  struct tally *tally = view->tally;

  if (!tally_is_bound(tally, row->slot, row->owner)) {
    char name[LABEL_SIZE];
    struct tally_entry *entry;

    display_name(view, row, name);
    entry = tally_entry(tally, name, ROW_ENTITY);
    if (!entry)
      return;
    tally_bind(tally, row->slot, row->owner, entry);
  }
  tally_count(tally, row->slot, row->events, row->event_size);
}

static void take_stat(void *arg, const struct source_stat *stat) {
  double *missed = arg;

  if (!strcmp(stat->name, "events_missed"))
    *missed = stat->value;
}

static uint64_t read_missed(struct view *view) {
  double before = view->missed;

  view->source.stats(view->source.ctx, take_stat, &view->missed);
  return (uint64_t)(view->missed - before);
}

static int compare(const void *left, const void *right) {
  const struct tally_entry *a = *(struct tally_entry *const *)left;
  const struct tally_entry *b = *(struct tally_entry *const *)right;
  uint64_t a_events = row_counts_events(&a->delta);
  uint64_t b_events = row_counts_events(&b->delta);

  if (a_events != b_events)
    return a_events < b_events ? 1 : -1;
  return strcmp(a->label, b->label);
}

static int reserve(struct view *view, unsigned count) {
  struct tally_entry **sorted;

  if (count <= view->sorted_max)
    return 0;
  sorted = reallocarray(view->sorted, count, sizeof(*sorted));
  if (!sorted)
    return -ENOMEM;
  view->sorted = sorted;
  view->sorted_max = count;
  return 0;
}

static unsigned sort_rows(struct view *view) {
  unsigned count = 0;

  for (struct tally_entry *e = tally_touched(view->tally); e;
       e = e->next_touched)
    view->sorted[count++] = e;
  if (count)
    qsort(view->sorted, count, sizeof(view->sorted[0]), compare);
  return count;
}

/* What a failed reading has counted stays for the next one. */
static void drop_delivered(struct view *view) {
  if (!view->delivered)
    return;
  tally_begin(view->tally);
  tally_forget(view->tally, 0);
  view->delivered = false;
}

int view_read(struct view *view, struct view_rows *ret_rows) {
  int err;

  drop_delivered(view);
  err = view->source.harvest(view->source.ctx, take_row, view);
  if (!err)
    err = reserve(view, tally_size(view->tally));
  if (err)
    return err;
  ret_rows->count = sort_rows(view);
  ret_rows->entries = view->sorted;
  ret_rows->missed = read_missed(view);
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
  free(view->sorted);
  free(view);
}
