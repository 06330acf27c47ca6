// SPDX-License-Identifier: MIT
/* JSON by jansson; CSV by RFC 4180. */
#include "export.h"

#include "display.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#define NS_PER_MS 1e6

static const char *const table_names[PROBE_COUNT] = {
    [PROBE_PAGEFAULT] = "files", [PROBE_SLAB] = "caches"};
static const char *const entity_names[PROBE_COUNT] = {
    [PROBE_PAGEFAULT] = "file", [PROBE_SLAB] = "cache"};

/* UTC, in a form that both jq and pandas read. */
static void time_text(time_t time, char *text, size_t size) {
  struct tm utc;

  gmtime_r(&time, &utc);
  strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static const char *kind_of(const struct reading *reading,
                           const struct row *row) {
  return row->kind == ROW_CLASS ? "class" : entity_names[reading->probe];
}

static unsigned shown_of(const struct export_interval *export,
                         const struct rows *rows) {
  return rows->count < export->rows_max ? rows->count : export->rows_max;
}

/* When memory is short, the value is NULL and json_object_set_new() fails. Each
 * function here takes over the value that it gets. */
static bool set(json_t *object, const char *key, json_t *value) {
  return !json_object_set_new(object, key, value);
}

static json_t *complete(json_t *object, bool ok) {
  if (ok)
    return object;
  json_decref(object);
  return NULL;
}

/* JSON has no exact form of a name that is not UTF-8. */
static json_t *json_name(const char *name) {
  char printable[LABEL_SIZE];
  json_t *exact = json_string(name);

  if (exact)
    return exact;
  display_printable(name, printable, sizeof(printable));
  return json_string(printable);
}

static json_t *json_value(enum column column, const struct figures *figures) {
  int64_t value = column_value(column, figures, SPAN_INTERVAL);

  if (!column_is_told(column, figures))
    return json_null();
  return column == COLUMN_STALLED ? json_real((double)value / NS_PER_MS)
                                  : json_integer(value);
}

static bool set_figures(json_t *object, enum probe_id probe,
                        const struct figures *figures) {
  bool ok = object != NULL;

  for (int i = 0; ok && i < COLUMN_EVENTS; i++) {
    enum column column = (enum column)i;

    if (column_is_of(column, probe))
      ok = set(object, column_key(column), json_value(column, figures));
  }
  return ok;
}

static json_t *json_figures(enum probe_id probe,
                            const struct figures *figures) {
  json_t *object = json_object();

  return complete(object, set_figures(object, probe, figures));
}

static json_t *json_row(const struct reading *reading, const struct row *row) {
  json_t *object = json_object();

  return complete(object,
                  set(object, "name", json_name(row->name)) &&
                      set(object, "kind", json_string(kind_of(reading, row))) &&
                      set_figures(object, reading->probe, &row->figures));
}

static json_t *json_rows(const struct reading *reading, const struct rows *rows,
                         unsigned shown) {
  json_t *array = json_array();
  bool ok = array != NULL;

  for (unsigned i = 0; ok && i < shown; i++)
    ok = !json_array_append_new(array, json_row(reading, rows->rows[i]));
  return complete(array, ok);
}

static json_t *json_other(const struct reading *reading,
                          const struct rows *rows, unsigned shown) {
  const struct figures rest = rows_rest(rows, shown);
  json_t *object = json_object();

  return complete(object,
                  set(object, "names", json_integer(rows->count - shown)) &&
                      set_figures(object, reading->probe, &rest));
}

static json_t *json_table(const struct reading *reading,
                          const struct rows *rows, unsigned shown) {
  json_t *object = json_object();

  return complete(
      object,
      set(object, "missed", json_integer((json_int_t)reading->missed)) &&
          set(object, "hooks", json_string(reading->hooks)) &&
          set(object, "total", json_figures(reading->probe, &rows->sum)) &&
          set(object, "other", json_other(reading, rows, shown)) &&
          set(object, "rows", json_rows(reading, rows, shown)));
}

static bool set_tables(json_t *object, const struct export_interval *export) {
  bool ok = true;

  for (int id = 0; ok && id < PROBE_COUNT; id++) {
    const struct export_table *table = &export->tables[id];

    if (table->reading)
      ok = set(object, table_names[id],
               json_table(table->reading, table->rows,
                          shown_of(export, table->rows)));
  }
  return ok;
}

static double seconds_of(const struct export_interval *export) {
  for (int id = 0; id < PROBE_COUNT; id++)
    if (export->tables[id].reading)
      return export->tables[id].reading->seconds;
  return 0;
}

int export_json(FILE *out, const struct export_interval *export) {
  json_t *object = json_object();
  char text[32];
  bool ok;

  time_text(export->time, text, sizeof(text));
  ok = set(object, "time", json_string(text)) &&
       set(object, "host", json_name(export->host)) &&
       set(object, "interval", json_real(seconds_of(export))) &&
       set_tables(object, export);
  ok = ok &&
       !json_dumpf(object, out,
                   JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9));
  fputc('\n', out);
  json_decref(object);
  return ok ? 0 : -ENOMEM;
}

void export_csv_head(FILE *out) {
  fputs("time,host,interval,table,kind,name,missed", out);
  for (int i = 0; i < COLUMN_EVENTS; i++)
    fprintf(out, ",%s", column_key((enum column)i));
  fputs("\n", out);
}

static void put_value(FILE *out, enum column column,
                      const struct figures *figures) {
  int64_t value = column_value(column, figures, SPAN_INTERVAL);

  if (column == COLUMN_STALLED)
    fprintf(out, "%.6f", (double)value / NS_PER_MS);
  else
    fprintf(out, "%" PRId64, value);
}

static void put_quoted(FILE *out, const char *text) {
  if (!strpbrk(text, ",\"")) {
    fputs(text, out);
    return;
  }
  fputc('"', out);
  for (; *text; text++)
    fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
  fputc('"', out);
}

/* Names are printable: a line of the file is a row, and a terminal may show it.
 */
static void put_row(FILE *out, const struct export_interval *export,
                    const struct reading *reading, const char *kind,
                    const char *name, const struct figures *figures) {
  char text[LABEL_SIZE];

  time_text(export->time, text, sizeof(text));
  fprintf(out, "%s,", text);
  put_quoted(out, export->host);
  fprintf(out, ",%.3f,%s,%s,", reading->seconds, table_names[reading->probe],
          kind);
  display_printable(name, text, sizeof(text));
  put_quoted(out, text);
  fputc(',', out);
  if (!strcmp(kind, "total"))
    fprintf(out, "%" PRIu64, reading->missed);
  for (int i = 0; i < COLUMN_EVENTS; i++) {
    enum column column = (enum column)i;

    fputc(',', out);
    if (column_is_of(column, reading->probe) && column_is_told(column, figures))
      put_value(out, column, figures);
  }
  fputs("\n", out);
}

void export_csv(FILE *out, const struct export_interval *export) {
  for (int id = 0; id < PROBE_COUNT; id++) {
    const struct reading *reading = export->tables[id].reading;
    const struct rows *rows = export->tables[id].rows;
    unsigned shown = reading ? shown_of(export, rows) : 0;
    struct figures rest;

    if (!reading)
      continue;
    for (unsigned i = 0; i < shown; i++)
      put_row(out, export, reading, kind_of(reading, rows->rows[i]),
              rows->rows[i]->name, &rows->rows[i]->figures);
    rest = rows_rest(rows, shown);
    if (shown < rows->count)
      put_row(out, export, reading, "other", "", &rest);
    put_row(out, export, reading, "total", "", &rows->sum);
  }
}
