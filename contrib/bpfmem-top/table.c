// SPDX-License-Identifier: MIT
/* The plain table. */
#include "table.h"

#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

unsigned table_width(int fd) {
  struct winsize size;

  if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col)
    return TABLE_WIDTH_DEFAULT;
  return size.ws_col < LINE_WIDTH_MIN ? LINE_WIDTH_MIN : size.ws_col;
}

/* If the line is too long, the name of the host is cut. */
void table_print_time(FILE *out, const char *host, enum line_form form,
                      double seconds, unsigned width) {
  time_t now = time(NULL);
  struct tm local;
  char date[32], what[64];
  int room;

  localtime_r(&now, &local);
  strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &local);
  room = (int)width - 1 - (int)strlen(date) -
         snprintf(what, sizeof(what), ", %s %.1f s",
                  form == LINE_EXACT ? "events in" : "per second,", seconds);
  fprintf(out, "%s %.*s%s\n", date, room > 0 ? room : 0, host, what);
}

struct writer {
  const struct lines *lines;
  table_put *put;
  void *arg;
};

static void put_figures(const struct writer *writer, enum table_line kind,
                        const struct figures *figures, const char *name) {
  char line[LINE_SIZE];

  lines_row(writer->lines, figures, name, line);
  writer->put(writer->arg, kind, line);
}

static enum table_line kind_of(const struct writer *writer,
                               const struct figures *figures) {
  bool hurts = writer->lines->probe == PROBE_PAGEFAULT
                   ? figures->delta.events[ROW_MAJOR] > 0
                   : figures->growth >= ROWS_GROWTH_HURTS;

  return hurts ? TABLE_HURTS : TABLE_ROW;
}

void table_tell(const struct lines *lines, const struct reading *reading,
                const struct rows *rows, unsigned rows_max, table_put *put,
                void *arg) {
  const struct writer writer = {lines, put, arg};
  bool has_rest = rows->count > rows_max;
  unsigned shown = has_rest ? rows_max : rows->count;
  bool by_total = lines->form == LINE_TOTALS;
  struct figures rest = rows_rest(rows, shown);
  char text[LINE_SIZE];

  lines_head(lines, text);
  put(arg, TABLE_HEAD, text);
  for (unsigned i = 0; i < shown; i++) {
    const struct row *row = rows->rows[i];

    row_title(reading, row, text, lines_room(lines) + 1);
    put_figures(&writer, kind_of(&writer, &row->figures), &row->figures, text);
  }
  if (has_rest || (by_total && row_counts_events(&rest.total))) {
    snprintf(text, sizeof(text), "other (%u more)", rows->count - shown);
    put_figures(&writer, TABLE_OTHER, &rest, text);
  }
  snprintf(text, sizeof(text), "total, missed %" PRIu64,
           by_total ? reading->missed_total : reading->missed);
  put_figures(&writer, TABLE_TOTAL, &rows->sum, text);
}

static void print_line(void *out, enum table_line kind, const char *line) {
  (void)kind;
  fprintf(out, "%s\n", line);
}

void table_print(FILE *out, const struct lines *lines,
                 const struct reading *reading, const struct rows *rows,
                 unsigned rows_max) {
  table_tell(lines, reading, rows, rows_max, print_line, out);
}
