// SPDX-License-Identifier: MIT
/* Columns of figures, then the name. If a line is narrow, it leaves out the
 * columns that tell least. */
#include "lines.h"

#include "display.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define CELL 7
#define CELL_EXACT 10
/* "total, missed 123" */
#define NAME_MIN 18

static const struct {
  const char *rate, *count, *exact;
} heads[COLUMN_EVENTS] = {
    [COLUMN_MINOR] = {"MINOR/s", "MINOR", "MINOR"},
    [COLUMN_MAJOR] = {"MAJOR/s", "MAJOR", "MAJOR"},
    [COLUMN_STALLED] = {"STALL/s", "STALLED", "STALLED ns"},
    [COLUMN_ALLOC] = {"ALLOC/s", "ALLOCS", "ALLOCS"},
    [COLUMN_FREE] = {"FREE/s", "FREES", "FREES"},
    [COLUMN_OBJECTS] = {"OBJECTS", "OBJECTS", "OBJECTS"},
    [COLUMN_GROWTH] = {"GROWTH", "GROWTH", "GROWTH"},
    [COLUMN_HELD] = {"HELD", "HELD", "HELD"},
};

static const char *const name_heads[PROBE_COUNT] = {
    [PROBE_PAGEFAULT] = "FILE", [PROBE_SLAB] = "CACHE"};

/* Columns to leave out, in this order. */
static const enum column dispensable[] = {COLUMN_OBJECTS, COLUMN_HELD,
                                          COLUMN_FREE, COLUMN_MINOR};

static unsigned cell_width(const struct lines *lines) {
  return lines->form == LINE_EXACT ? CELL_EXACT : CELL;
}

static unsigned width_of(const struct lines *lines) {
  if (lines->width < LINE_WIDTH_MIN)
    return LINE_WIDTH_MIN;
  return lines->width < LINE_SIZE ? lines->width : LINE_SIZE - 1;
}

struct shown {
  bool column[COLUMN_EVENTS];
  unsigned used; /* by figures, each with a blank behind */
};

static struct shown shown_of(const struct lines *lines) {
  unsigned cell = cell_width(lines) + 1;
  struct shown shown = {.used = 0};

  for (int i = 0; i < COLUMN_EVENTS; i++) {
    shown.column[i] = column_is_of((enum column)i, lines->probe);
    shown.used += shown.column[i] ? cell : 0;
  }
  for (size_t i = 0; i < sizeof(dispensable) / sizeof(dispensable[0]); i++)
    if (shown.column[dispensable[i]] &&
        shown.used + NAME_MIN > width_of(lines)) {
      shown.column[dispensable[i]] = false;
      shown.used -= cell;
    }
  return shown;
}

unsigned lines_room(const struct lines *lines) {
  return width_of(lines) - shown_of(lines).used;
}

bool lines_place(const struct lines *lines, enum column column,
                 unsigned *ret_start, unsigned *ret_end) {
  const struct shown shown = shown_of(lines);
  unsigned start = 0;

  if (column == COLUMN_NAME) {
    *ret_start = shown.used;
    *ret_end = width_of(lines);
    return true;
  }
  if (column >= COLUMN_EVENTS || !shown.column[column])
    return false;
  for (int i = 0; i < (int)column; i++)
    start += shown.column[i] ? cell_width(lines) + 1 : 0;
  *ret_start = start;
  *ret_end = start + cell_width(lines);
  return true;
}

static void scale(double number, double base, const char *sign, char *text,
                  size_t size) {
  static const char units[] = "kMGTPE";
  const char *unit = "";
  int decimals = 2;

  if (number > 0 && number < 0.005) {
    snprintf(text, size, "%s<.01", sign);
    return;
  }
  for (const char *next = units; number >= 999.5 && *next; next++) {
    number /= base;
    unit = next;
  }
  if (number >= 99.95 || (!*unit && number == floor(number)))
    decimals = 0;
  else if (number >= 9.995)
    decimals = 1;
  snprintf(text, size, "%s%.*f%.1s", sign, decimals, number, unit);
}

void lines_number(double number, char *text, size_t size) {
  scale(number, 1000, "", text, size);
}

void lines_time(double ns, char *text, size_t size) {
  bool is_short = ns < 999.5e6;
  char number[16];

  lines_number(ns / (is_short ? 1e6 : 1e9), number, sizeof(number));
  snprintf(text, size, "%s%s", number, ns <= 0 ? "" : is_short ? "ms" : "s");
}

void lines_bytes(int64_t bytes, bool sign, char *text, size_t size) {
  scale(fabs((double)bytes), 1024,
        bytes < 0           ? "-"
        : sign && bytes > 0 ? "+"
                            : "",
        text, size);
}

static void cell_text(const struct lines *lines, enum column column,
                      const struct figures *figures, char *text, size_t size) {
  enum span span = lines->form == LINE_TOTALS ? SPAN_START : SPAN_INTERVAL;
  int64_t value = column_value(column, figures, span);
  bool is_gauge = column >= COLUMN_OBJECTS;
  bool is_bytes = column == COLUMN_GROWTH || column == COLUMN_HELD;

  if (!column_is_told(column, figures))
    snprintf(text, size, "-");
  else if (lines->form == LINE_EXACT)
    snprintf(text, size, "%" PRId64, value);
  else if (column == COLUMN_STALLED)
    lines_time(lines->form == LINE_RATES ? (double)value / lines->seconds
                                         : (double)value,
               text, size);
  else if (is_bytes)
    lines_bytes(value, column == COLUMN_GROWTH, text, size);
  else if (is_gauge || lines->form == LINE_TOTALS)
    lines_number((double)value, text, size);
  else
    lines_number((double)value / lines->seconds, text, size);
}

/* Appends a cell, to the right of its column. The name comes last, to the left.
 */
static void put(char *line, unsigned *used, unsigned width, const char *text) {
  *used += (unsigned)snprintf(line + *used, LINE_SIZE - *used, "%*s ",
                              (int)width, text);
}

static const char *head_of(const struct lines *lines, int column) {
  if (lines->form == LINE_RATES)
    return heads[column].rate;
  return lines->form == LINE_EXACT ? heads[column].exact : heads[column].count;
}

void lines_head(const struct lines *lines, char line[static LINE_SIZE]) {
  const struct shown shown = shown_of(lines);
  unsigned used = 0;

  for (int i = 0; i < COLUMN_EVENTS; i++)
    if (shown.column[i])
      put(line, &used, cell_width(lines), head_of(lines, i));
  snprintf(line + used, LINE_SIZE - used, "%s", name_heads[lines->probe]);
}

void lines_row(const struct lines *lines, const struct figures *figures,
               const char *name, char line[static LINE_SIZE]) {
  const struct shown shown = shown_of(lines);
  unsigned used = 0, width = width_of(lines);
  char text[32];

  for (int i = 0; i < COLUMN_EVENTS; i++)
    if (shown.column[i]) {
      cell_text(lines, (enum column)i, figures, text, sizeof(text));
      put(line, &used, cell_width(lines), text);
    }
  display_printable(name, line + used, (width > used ? width - used : 1) + 1);
}
