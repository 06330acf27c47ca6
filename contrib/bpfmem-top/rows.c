// SPDX-License-Identifier: MIT
/* Filters and orders rows. The default order is what hurts. For files that is
 * the time that threads waited for the disk, then the number of waits, then all
 * faults. For caches it is growth, if it is worth a look, then objects per
 * second, then what is held. */
#include "rows.h"

#include "aliases.h"
#include "display.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Longer than any name with those that share its cache. */
#define TITLE_SIZE 512

static const struct {
  const char *key;
  bool of[PROBE_COUNT];
} columns[COLUMN_COUNT] = {
    [COLUMN_MINOR] = {"minor", {[PROBE_PAGEFAULT] = true}},
    [COLUMN_MAJOR] = {"major", {[PROBE_PAGEFAULT] = true}},
    [COLUMN_STALLED] = {"stalled_ms", {[PROBE_PAGEFAULT] = true}},
    [COLUMN_ALLOC] = {"alloc", {[PROBE_SLAB] = true}},
    [COLUMN_FREE] = {"free", {[PROBE_SLAB] = true}},
    [COLUMN_OBJECTS] = {"objects", {[PROBE_SLAB] = true}},
    [COLUMN_GROWTH] = {"growth", {[PROBE_SLAB] = true}},
    [COLUMN_HELD] = {"held", {[PROBE_SLAB] = true}},
    [COLUMN_EVENTS] = {"events", {true, true}},
    [COLUMN_NAME] = {"name", {true, true}},
    [COLUMN_HURT] = {"hurt", {true, true}},
};

const char *column_key(enum column column) {
  return columns[column].key;
}

enum column column_find(const char *key) {
  int i = 0;

  while (i < COLUMN_COUNT && strcmp(columns[i].key, key) != 0)
    i++;
  return (enum column)i;
}

bool column_is_of(enum column column, enum probe_id probe) {
  return columns[column].of[probe];
}

bool column_is_told(enum column column, const struct figures *figures) {
  switch (column) {
  case COLUMN_STALLED:
    return figures->tells_stalled;
  case COLUMN_OBJECTS:
  case COLUMN_GROWTH:
  case COLUMN_HELD:
    return figures->is_held;
  default:
    return true;
  }
}

int64_t column_value(enum column column, const struct figures *figures,
                     enum span span) {
  const struct row_counts *counts =
      span == SPAN_START ? &figures->total : &figures->delta;

  switch (column) {
  case COLUMN_MINOR:
  case COLUMN_ALLOC:
    return (int64_t)counts->events[ROW_FIRST];
  case COLUMN_MAJOR:
  case COLUMN_FREE:
    return (int64_t)counts->events[ROW_SECOND];
  case COLUMN_STALLED:
    return (int64_t)counts->stalled_ns;
  case COLUMN_OBJECTS:
    return (int64_t)figures->objects;
  case COLUMN_GROWTH:
    return figures->growth;
  case COLUMN_HELD:
    return (int64_t)figures->bytes;
  default:
    return (int64_t)row_counts_events(counts);
  }
}

void figures_add(struct figures *sum, const struct figures *more) {
  row_counts_add(&sum->delta, &more->delta);
  row_counts_add(&sum->total, &more->total);
  sum->tells_stalled |= more->tells_stalled;
  sum->is_held |= more->is_held;
  sum->objects += more->objects;
  sum->bytes += more->bytes;
  sum->growth += more->growth;
}

void figures_subtract(struct figures *sum, const struct figures *less) {
  row_counts_subtract(&sum->delta, &less->delta);
  row_counts_subtract(&sum->total, &less->total);
  sum->objects -= less->objects;
  sum->bytes -= less->bytes;
  sum->growth -= less->growth;
}

void row_title(const struct reading *reading, const struct row *row,
               char *title, size_t size) {
  char full[TITLE_SIZE];

  if (reading->aliases)
    aliases_describe(reading->aliases, row->name, full,
                     size < sizeof(full) ? size : sizeof(full));
  display_printable(reading->aliases ? full : row->name, title, size);
}

struct order {
  enum probe_id probe;
  const struct rows_choice *choice;
};

static int compare_values(int64_t a, int64_t b) {
  return a == b ? 0 : a < b ? 1 : -1;
}

static int compare_column(const struct row *a, const struct row *b,
                          enum column column, enum span span) {
  return compare_values(column_value(column, &a->figures, span),
                        column_value(column, &b->figures, span));
}

static int64_t growth_that_hurts(const struct row *row) {
  return row->figures.growth < ROWS_GROWTH_HURTS ? 0 : row->figures.growth;
}

/* Nanoseconds. Where no time is told, each wait counts as a millisecond. */
static int64_t waits(const struct row *row, enum span span) {
  const struct figures *figures = &row->figures;

  return figures->tells_stalled
             ? column_value(COLUMN_STALLED, figures, span)
             : column_value(COLUMN_MAJOR, figures, span) * 1000000;
}

static int compare_hurt(const struct row *a, const struct row *b,
                        const struct order *order) {
  enum span span = order->choice->span;
  int first = order->probe == PROBE_PAGEFAULT
                  ? compare_values(waits(a, span), waits(b, span))
                  : compare_values(growth_that_hurts(a), growth_that_hurts(b));

  if (!first && order->probe == PROBE_PAGEFAULT)
    first = compare_column(a, b, COLUMN_MAJOR, span);
  if (!first)
    first = compare_column(a, b, COLUMN_EVENTS, span);
  return first ? first : compare_column(a, b, COLUMN_HELD, span);
}

static int compare(const void *left, const void *right, void *arg) {
  const struct row *a = *(const struct row *const *)left;
  const struct row *b = *(const struct row *const *)right;
  const struct order *order = arg;
  enum column sort = order->choice->sort;
  int result = 0;

  if (sort < COLUMN_NAME)
    result = compare_column(a, b, sort, order->choice->span);
  if (!result && sort != COLUMN_NAME)
    result = compare_hurt(a, b, order);
  return result ? result : strcmp(a->name, b->name);
}

/* A wait that ends during a reading may be counted in this one, and its time in
 * the next. */
static bool is_empty(const struct row *row, enum span span) {
  return !column_value(COLUMN_EVENTS, &row->figures, span) &&
         !column_value(COLUMN_STALLED, &row->figures, span) &&
         !row->figures.bytes;
}

static bool is_shown(const struct reading *reading, const struct row *row,
                     const struct rows_choice *choice) {
  char title[TITLE_SIZE];

  if (is_empty(row, choice->span))
    return false;
  if (!choice->filter)
    return true;
  row_title(reading, row, title, sizeof(title));
  return !regexec(choice->filter, title, 0, NULL, 0);
}

static int reserve(struct rows *rows, unsigned count) {
  const struct row **more;

  if (count <= rows->max)
    return 0;
  more = reallocarray(rows->rows, count, sizeof(*more));
  if (!more)
    return -ENOMEM;
  rows->rows = more;
  rows->max = count;
  return 0;
}

int rows_choose(struct rows *rows, const struct reading *reading,
                const struct rows_choice *choice) {
  struct order order = {reading->probe, choice};
  int err = reserve(rows, reading->count);

  if (err)
    return err;
  rows->count = 0;
  rows->sum = (struct figures){0};
  for (unsigned i = 0; i < reading->count; i++)
    if (is_shown(reading, &reading->rows[i], choice)) {
      rows->rows[rows->count++] = &reading->rows[i];
      figures_add(&rows->sum, &reading->rows[i].figures);
    }
  if (!choice->filter)
    rows->sum = reading->sum;
  if (rows->count)
    qsort_r(rows->rows, rows->count, sizeof(rows->rows[0]), compare, &order);
  return 0;
}

void rows_fini(struct rows *rows) {
  free(rows->rows);
  *rows = (struct rows){0};
}

struct figures rows_rest(const struct rows *rows, unsigned shown) {
  struct figures rest = rows->sum;

  for (unsigned i = 0; i < shown; i++)
    figures_subtract(&rest, &rows->rows[i]->figures);
  return rest;
}
