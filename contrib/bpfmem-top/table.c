// SPDX-License-Identifier: MIT
/* Formats rows to the width of the terminal. */
#include "table.h"

#include "display.h"

#include <inttypes.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Room for the numbers and enough of a name to know it by. */
#define WIDTH_MIN 40
/* Two numbers of 20 digits, blanks, NUL. */
#define NUMBERS_SIZE 48

struct columns {
  const char *first, *second, *name;
  bool first_is_sum; /* of both kinds of event */
};

static const struct columns columns_of[PROBE_COUNT] = {
    [PROBE_PAGEFAULT] = {"FAULTS", "MAJOR", "FILE", .first_is_sum = true},
    [PROBE_SLAB] = {"ALLOCS", "FREES", "SLAB", .first_is_sum = false},
};

unsigned table_width(int fd) {
  struct winsize size;

  if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col)
    return TABLE_WIDTH_DEFAULT;
  return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
}

static void print_row(FILE *out, const struct columns *columns,
                      const struct row_counts *counts, const char *name,
                      unsigned width) {
  uint64_t first = columns->first_is_sum ? row_counts_events(counts)
                                         : counts->events[ROW_FIRST];
  char numbers[NUMBERS_SIZE], fitting[LABEL_SIZE];
  int used = snprintf(numbers, sizeof(numbers), "%10" PRIu64 " %10" PRIu64,
                      first, counts->events[ROW_SECOND]);
  size_t room = width > (unsigned)used ? width - (unsigned)used : 1;

  display_printable(name, fitting,
                    room < sizeof(fitting) ? room : sizeof(fitting));
  fprintf(out, "%s %s\n", numbers, fitting);
}

static void sum_rows(const struct view_rows *rows, unsigned from,
                     struct row_counts *ret_sum) {
  *ret_sum = (struct row_counts){0};
  for (unsigned i = from; i < rows->count; i++)
    row_counts_add(ret_sum, &rows->entries[i]->delta);
}

static void print_sums(FILE *out, const struct columns *columns,
                       const struct view_rows *rows, unsigned shown,
                       unsigned width) {
  struct row_counts sum;
  char text[64];

  if (shown < rows->count) {
    sum_rows(rows, shown, &sum);
    snprintf(text, sizeof(text), "other (%u more)", rows->count - shown);
    print_row(out, columns, &sum, text, width);
  }
  sum_rows(rows, 0, &sum);
  snprintf(text, sizeof(text), "total, missed %" PRIu64, rows->missed);
  print_row(out, columns, &sum, text, width);
}

void table_print(FILE *out, enum probe_id id, const struct view_rows *rows,
                 unsigned rows_max, unsigned width) {
  const struct columns *columns = &columns_of[id];
  unsigned shown = rows->count < rows_max ? rows->count : rows_max;

  fprintf(out, "%10s %10s %s\n", columns->first, columns->second,
          columns->name);
  for (unsigned i = 0; i < shown; i++)
    print_row(out, columns, &rows->entries[i]->delta, rows->entries[i]->label,
              width);
  print_sums(out, columns, rows, shown, width);
}
