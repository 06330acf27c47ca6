// SPDX-License-Identifier: MIT
/* Three lines of head, the tables, a line of keys. Colour never tells anything
 * by itself. */
#include "paint.h"

#include "display.h"
#include "table.h"

#include <inttypes.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1e9
#define HEAD_LINES 3

enum { PAIR_HURTS = 1, PAIR_HEAD };

static const char *const table_names[PROBE_COUNT] = {
    [PROBE_PAGEFAULT] = "files ", [PROBE_SLAB] = "caches"};
static const char *const event_names[PROBE_COUNT] = {
    [PROBE_PAGEFAULT] = "faults", [PROBE_SLAB] = "objects"};

static const char *const help[] = {
    "bpfmem-top: page faults per file, slab objects per kernel cache",
    "",
    "  q  F10    quit                     ?  h  F1  this help",
    "  f         files alone              p         pause, and go on",
    "  s         slab caches alone        Space     read at once",
    "  b         both                     +  -      longer, shorter interval",
    "  Tab       the other table is the one whose order < and > change",
    "  <  >      sort by the column to the left, to the right (or arrows)",
    "  /         filter by name: a regular expression. Enter takes it,",
    "            Esc forgets the change, Ctrl-U clears it",
    "  c         totals since start, or rates per second again",
    "  e         exact counts of the interval, or rates again",
    "",
    "Sorted by hurt: files by the time that threads waited for them (STALL),",
    "then by faults; caches that have grown by 1 MiB since start, then by",
    "events.",
    "HELD and GROWTH are what the kernel says, in bytes; - is not told.",
    "",
    "Any key goes back. More: man bpfmem-top",
};

/* https://no-color.org */
static bool forbids_colours(void) {
  const char *value = getenv("NO_COLOR");

  return value && *value;
}

bool paint_init(void) {
  if (forbids_colours() || !has_colors() || start_color() == ERR)
    return false;
  use_default_colors();
  init_pair(PAIR_HURTS, COLOR_RED, -1);
  init_pair(PAIR_HEAD, COLOR_CYAN, -1);
  return true;
}

/* One byte is one column, whatever the text contains. */
static void put_at(int y, attr_t attributes, const char *text) {
  char line[LINE_SIZE];

  if (y < 0 || y >= LINES)
    return;
  display_printable(text, line, sizeof(line));
  attrset(attributes);
  mvaddnstr(y, 0, line, COLS);
  attrset(A_NORMAL);
}

static attr_t coloured(const struct paint *paint, int pair) {
  return paint->colours ? (attr_t)COLOR_PAIR(pair) : A_NORMAL;
}

static void paint_title(const struct paint *paint) {
  const struct controls *controls = paint->controls;
  time_t now = time(NULL);
  struct tm local;
  char text[LINE_SIZE], clock[16];

  localtime_r(&now, &local);
  strftime(clock, sizeof(clock), "%H:%M:%S", &local);
  snprintf(text, sizeof(text), "%s every %g s%s%s%s%s, %s, Linux %s", clock,
           (double)controls->interval_ns / NS_PER_S,
           controls->pauses ? " PAUSED" : "",
           controls->form == LINE_TOTALS  ? " TOTALS since start"
           : controls->form == LINE_EXACT ? " COUNTS of the interval"
                                          : "",
           controls->filter[0] ? " FILTER " : "", controls->filter, paint->host,
           paint->release);
  put_at(0, A_BOLD, text);
}

/* "files  13.4k faults/s, missed 0, hook event, not sampled; sort hurt" */
static void paint_probe(const struct paint *paint, enum probe_id id, int y) {
  const struct controls *controls = paint->controls;
  const struct reading *reading = paint->readings[id];
  bool by_total = controls->form == LINE_TOTALS;
  char text[LINE_SIZE];

  if (!controls->available[id])
    snprintf(text, sizeof(text), "%s not counted", table_names[id]);
  else if (!reading)
    snprintf(text, sizeof(text), "%s ...", table_names[id]);
  else {
    char rate[32], sampling[48] = "";

    lines_number((double)row_counts_events(&reading->sum.delta) /
                     reading->seconds,
                 rate, sizeof(rate));
    if (reading->sampling)
      snprintf(sampling, sizeof(sampling), ", sampled on %u CPUs",
               reading->sampling);
    snprintf(text, sizeof(text),
             "%s %s %s/s, missed %" PRIu64 "%s, by %s%s; sort %s%s",
             table_names[id], rate, event_names[id],
             by_total ? reading->missed_total : reading->missed,
             by_total ? " since start" : "", reading->hooks,
             id == PROBE_PAGEFAULT && !reading->sampling ? ", not sampled"
                                                         : sampling,
             column_key(controls->sort[id]),
             controls->focus == id && controls->shown[PROBE_PAGEFAULT] &&
                     controls->shown[PROBE_SLAB]
                 ? " <>"
                 : "");
  }
  put_at(y, A_NORMAL, text);
}

struct cursor {
  const struct paint *paint;
  const struct lines *lines;
  int y;
};

static void paint_line(void *arg, enum table_line kind, const char *line) {
  struct cursor *cursor = arg;
  const struct paint *paint = cursor->paint;
  const attr_t attributes[] = {
      [TABLE_HEAD] = A_REVERSE,
      [TABLE_ROW] = A_NORMAL,
      [TABLE_HURTS] = A_BOLD | coloured(paint, PAIR_HURTS),
      [TABLE_OTHER] = A_NORMAL,
      [TABLE_TOTAL] = A_BOLD,
  };
  unsigned start, end;

  put_at(cursor->y, attributes[kind], line);
  if (kind == TABLE_HEAD) {
    mvchgat(cursor->y, 0, -1, A_REVERSE, 0, NULL);
    if (lines_place(cursor->lines, paint->controls->sort[cursor->lines->probe],
                    &start, &end) &&
        (int)start < COLS)
      mvchgat(cursor->y, (int)start, (int)(end - start), A_BOLD | A_UNDERLINE,
              paint->colours ? PAIR_HEAD : 0, NULL);
  }
  cursor->y++;
}

/* The number of lines that a table would fill: head, rows, perhaps the rest,
 * the total. */
static int lines_wanted(const struct paint *paint, enum probe_id id) {
  const struct rows *rows = &paint->rows[id];
  bool has_rest = rows->count > paint->rows_max;

  if (!paint->controls->shown[id] || !paint->readings[id])
    return 0;
  return 2 + (int)(has_rest ? paint->rows_max : rows->count) +
         (has_rest || paint->controls->form == LINE_TOTALS);
}

/* Each table gets half of the room. What one does not need, the other gets. */
static int lines_given(const struct paint *paint, enum probe_id id, int room) {
  enum probe_id other = id == PROBE_SLAB ? PROBE_PAGEFAULT : PROBE_SLAB;
  int own = lines_wanted(paint, id), others = lines_wanted(paint, other);
  int half = id == PROBE_SLAB ? room / 2 : room - room / 2;
  int given = room - others > half ? room - others : half;

  return own < given ? own : given;
}

static int paint_table(const struct paint *paint, enum probe_id id, int y,
                       int height) {
  const struct lines lines = {.probe = id,
                              .form = paint->controls->form,
                              .seconds = paint->readings[id]->seconds,
                              .width = (unsigned)COLS};
  struct cursor cursor = {paint, &lines, y};
  unsigned rows_max = paint->rows_max;

  if (lines_wanted(paint, id) > height)
    rows_max = height > 3 ? (unsigned)height - 3 : 0;
  table_tell(&lines, paint->readings[id], &paint->rows[id],
             rows_max < paint->rows_max ? rows_max : paint->rows_max,
             paint_line, &cursor);
  return cursor.y;
}

static void paint_tables(const struct paint *paint, int room) {
  int y = HEAD_LINES;

  for (int id = 0; id < PROBE_COUNT; id++) {
    int height = lines_given(paint, (enum probe_id)id, room);

    if (height)
      y = paint_table(paint, (enum probe_id)id, y, height);
  }
}

static void paint_bottom(const struct paint *paint) {
  const struct controls *controls = paint->controls;

  move(LINES - 1, 0);
  clrtoeol();
  if (controls->edits) {
    char text[LINE_SIZE];

    snprintf(text, sizeof(text), "filter: %s_%s%s%s", controls->filter,
             controls->message[0] ? " (" : "", controls->message,
             controls->message[0] ? ")" : "");
    put_at(LINES - 1, A_BOLD, text);
  } else if (controls->message[0])
    put_at(LINES - 1, A_BOLD, controls->message);
  else
    put_at(LINES - 1, A_NORMAL,
           "q quit  ? help  f s b tables  Tab < > sort  / filter  p pause  "
           "c totals  + -");
}

void paint_all(const struct paint *paint) {
  erase();
  if (paint->controls->helps) {
    for (size_t i = 0; i < sizeof(help) / sizeof(help[0]); i++)
      put_at((int)i, A_NORMAL, help[i]);
  } else {
    paint_title(paint);
    paint_probe(paint, PROBE_PAGEFAULT, 1);
    paint_probe(paint, PROBE_SLAB, 2);
    paint_tables(paint, LINES - HEAD_LINES - 1);
    paint_bottom(paint);
  }
  refresh();
}
