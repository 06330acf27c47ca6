/* SPDX-License-Identifier: MIT */
/* What one probe counted for each name, and which of these rows are shown in
 * what order. */
#ifndef BPFMEM_TOP_ROWS_H
#define BPFMEM_TOP_ROWS_H

#include "core/label.h"
#include "core/source.h"
#include "probe.h"

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

/* Bytes of growth since start. Any machine has less. */
#define ROWS_GROWTH_HURTS (1 << 20)

struct aliases;

struct figures {
  struct row_counts delta; /* events of the interval */
  struct row_counts total; /* since start */
  bool tells_stalled; /* else no time is known that threads waited for it */
  /* What a cache holds now, if the kernel tells it. */
  bool is_held;
  uint64_t objects, bytes;
  int64_t growth; /* bytes, since start */
};

void figures_add(struct figures *sum, const struct figures *more);
void figures_subtract(struct figures *sum, const struct figures *less);

struct row {
  char name[LABEL_SIZE]; /* raw; a class is in brackets */
  enum row_kind kind;
  struct figures figures;
};

/* All rows of a probe in one interval, and their sum. */
struct reading {
  enum probe_id probe;
  const struct row *rows;
  unsigned count;
  struct figures sum; /* also of names that are gone */
  double seconds;     /* from the reading before */
  uint64_t missed;    /* events that the probe knows it did not count */
  uint64_t missed_total;
  unsigned sampling; /* CPUs on which faults are sampled */
  char hooks[64];    /* "tracepoint kprobe" */
  const struct aliases *aliases;
};

/* The name as it is shown: printable, and with the others of a merged cache. */
void row_title(const struct reading *reading, const struct row *row,
               char *title, size_t size);

enum column {
  COLUMN_MINOR,
  COLUMN_MAJOR,
  COLUMN_STALLED,
  COLUMN_ALLOC,
  COLUMN_FREE,
  COLUMN_OBJECTS,
  COLUMN_GROWTH,
  COLUMN_HELD,
  /* The tables show the columns above. */
  COLUMN_EVENTS, /* both kinds */
  COLUMN_NAME,
  COLUMN_HURT, /* default: see rows.c */
  COLUMN_COUNT
};

enum span { SPAN_INTERVAL, SPAN_START };

/* "major"; what -k, JSON and CSV call it. */
const char *column_key(enum column column);
/* COLUMN_COUNT: there is none. */
enum column column_find(const char *key);
bool column_is_of(enum column column, enum probe_id probe);
/* Whether the figures have a value of the column. */
bool column_is_told(enum column column, const struct figures *figures);
/* Of all but COLUMN_NAME and COLUMN_HURT. COLUMN_STALLED: ns. */
int64_t column_value(enum column column, const struct figures *figures,
                     enum span span);

struct rows_choice {
  const regex_t *filter; /* of titles; NULL: all */
  enum column sort;
  enum span span;
};

struct rows {
  const struct row **rows; /* of the reading */
  unsigned count, max;
  struct figures sum; /* of what the filter lets through */
};

/* All zero at first. Chooses rows that have an event in the span or hold
 * memory. 0 or -ENOMEM. The reading must outlive `rows`. */
int rows_choose(struct rows *rows, const struct reading *reading,
                const struct rows_choice *choice);
void rows_fini(struct rows *rows);

/* The sum of all that is not in the first `shown` rows. */
struct figures rows_rest(const struct rows *rows, unsigned shown);

#endif
