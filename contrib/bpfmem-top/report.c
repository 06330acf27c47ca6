// SPDX-License-Identifier: MIT
/* Table, JSON or CSV. */
#include "report.h"

#include "display.h"
#include "export.h"
#include "table.h"

#include <limits.h>
#include <unistd.h>

static void print_tables(const struct report *report, FILE *out,
                         const struct options *options,
                         const struct export_interval *interval) {
  unsigned width = table_width(STDOUT_FILENO);
  bool is_first = true;

  for (int id = 0; id < PROBE_COUNT; id++) {
    const struct reading *reading = interval->tables[id].reading;

    if (!reading)
      continue;
    if (is_first)
      table_print_time(out, interval->host, options->form, reading->seconds,
                       width);
    is_first = false;
    table_print(out,
                &(struct lines){.probe = (enum probe_id)id,
                                .form = options->form,
                                .seconds = reading->seconds,
                                .width = width},
                reading, &report->rows[id], interval->rows_max);
    fputc('\n', out);
  }
}

static int choose(struct report *report, const struct options *options,
                  const struct reading *reading) {
  const struct rows_choice choice = {.filter = options_filter(options),
                                     .sort = options->sort[reading->probe],
                                     .span = SPAN_INTERVAL};

  return rows_choose(&report->rows[reading->probe], reading, &choice);
}

static int print_interval(struct report *report, FILE *out,
                          const struct options *options,
                          const struct export_interval *interval) {
  switch (options->output) {
  case OPTIONS_JSON:
    return export_json(out, interval);
  case OPTIONS_CSV:
    if (!report->began)
      export_csv_head(out);
    report->began = true;
    export_csv(out, interval);
    return 0;
  default:
    print_tables(report, out, options, interval);
    return 0;
  }
}

int report_print(struct report *report, FILE *out,
                 const struct options *options,
                 const struct reading *const readings[PROBE_COUNT]) {
  char name[HOST_NAME_MAX + 1] = "", host[sizeof(name)];
  struct export_interval interval = {
      .time = time(NULL), .host = host, .rows_max = options->rows_max};

  gethostname(name, sizeof(name) - 1);
  display_printable(name, host, sizeof(host));
  for (int id = 0; id < PROBE_COUNT; id++) {
    int err = readings[id] ? choose(report, options, readings[id]) : 0;

    if (err)
      return err;
    interval.tables[id] =
        (struct export_table){readings[id], &report->rows[id]};
  }
  return print_interval(report, out, options, &interval);
}

void report_fini(struct report *report) {
  for (int id = 0; id < PROBE_COUNT; id++)
    rows_fini(&report->rows[id]);
}
