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

/* A long name of the host is what gives way. */
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

static void print_line(FILE *out, const struct lines *lines,
                       const struct figures *figures, const char *name) {
  char line[LINE_SIZE];

  lines_row(lines, figures, name, line);
  fprintf(out, "%s\n", line);
}

void table_print(FILE *out, const struct lines *lines,
                 const struct reading *reading, const struct rows *rows,
                 unsigned rows_max) {
  unsigned shown = rows->count < rows_max ? rows->count : rows_max;
  struct figures rest = rows_rest(rows, shown);
  char text[LINE_SIZE];

  lines_head(lines, text);
  fprintf(out, "%s\n", text);
  for (unsigned i = 0; i < shown; i++) {
    row_title(reading, rows->rows[i], text, lines_room(lines) + 1);
    print_line(out, lines, &rows->rows[i]->figures, text);
  }
  if (shown < rows->count) {
    snprintf(text, sizeof(text), "other (%u more)", rows->count - shown);
    print_line(out, lines, &rest, text);
  }
  snprintf(text, sizeof(text), "total, missed %" PRIu64, reading->missed);
  print_line(out, lines, &rows->sum, text);
}
