// SPDX-License-Identifier: MIT
/* Rows and statistics -> collectd values. */
#include "collectd.h"

#include "plugin.h"
#include "utils/common/common.h"

#include "dispatch.h"

#include <stdlib.h>

struct form {
  const char *plugin;
  const char *type;
  bool joint; /* both events are data sources of one value list */
  const char *type_instance[ROW_EVENT_COUNT];
};

static const struct form forms[] = {
    [DISPATCH_FAULTS] = {.plugin = "pagefault",
                         .type = "ps_pagefaults",
                         .joint = true},
    [DISPATCH_OBJECTS] =
        {.plugin = "slab",
         .type = "operations",
         .type_instance = {[ROW_ALLOC] = "alloc", [ROW_FREE] = "free"}},
};

struct dispatch {
  const struct form *form;
  bool report_bytes;
  bool started; /* at least one read was sent */
  bool lost;    /* no memory for a row */
  struct sampler_row *rows;
  size_t count, room;
};

struct dispatch *dispatch_new(enum dispatch_form form, bool report_bytes) {
  struct dispatch *dispatch = calloc(1, sizeof(*dispatch));

  if (!dispatch)
    return NULL;
  dispatch->form = &forms[form];
  dispatch->report_bytes = report_bytes;
  return dispatch;
}

void dispatch_free(struct dispatch *dispatch) {
  if (!dispatch)
    return;
  free(dispatch->rows);
  free(dispatch);
}

static bool make_room(struct dispatch *dispatch) {
  size_t room = dispatch->room ? 2 * dispatch->room : 64;
  struct sampler_row *rows;

  if (dispatch->count < dispatch->room)
    return true;
  rows = realloc(dispatch->rows, room * sizeof(*rows));
  if (!rows)
    return false;
  dispatch->rows = rows;
  dispatch->room = room;
  return true;
}

void dispatch_take(void *arg, const struct sampler_row *row) {
  struct dispatch *dispatch = arg;

  if (make_room(dispatch))
    dispatch->rows[dispatch->count++] = *row;
  else
    dispatch->lost = true;
}

static void send_values(const char *plugin, const char *plugin_instance,
                        const char *type, const char *type_instance,
                        value_t *values, size_t count, cdtime_t time) {
  value_list_t list = VALUE_LIST_INIT;

  list.values = values;
  list.values_len = count;
  list.time = time;
  sstrncpy(list.plugin, plugin, sizeof(list.plugin));
  sstrncpy(list.plugin_instance, plugin_instance, sizeof(list.plugin_instance));
  sstrncpy(list.type, type, sizeof(list.type));
  if (type_instance)
    sstrncpy(list.type_instance, type_instance, sizeof(list.type_instance));
  plugin_dispatch_values(&list);
}

static void send_counts(const struct form *form, const char *label,
                        const char *type, const uint64_t *counts,
                        cdtime_t time) {
  value_t values[ROW_EVENT_COUNT];

  for (int i = 0; i < ROW_EVENT_COUNT; i++)
    values[i].derive = (derive_t)counts[i];
  if (form->joint) {
    send_values(form->plugin, label, type, NULL, values, ROW_EVENT_COUNT, time);
    return;
  }
  for (int i = 0; i < ROW_EVENT_COUNT; i++)
    send_values(form->plugin, label, type, form->type_instance[i], &values[i],
                1, time);
}

static void send_row(const struct dispatch *dispatch, const char *label,
                     const struct row_counts *total, cdtime_t time) {
  const struct form *form = dispatch->form;

  send_counts(form, label, form->type, total->events, time);
  if (dispatch->report_bytes)
    send_counts(form, label, "total_bytes", total->bytes, time);
}

/* Before all other values, as write threads may reorder neighbours. Not in the
 * first read: an RRD of before a restart may be younger than that. */
static void send_starts(const struct dispatch *dispatch, cdtime_t time) {
  const struct row_counts zero = {0};

  if (!dispatch->started)
    return;
  for (size_t i = 0; i < dispatch->count; i++)
    if (dispatch->rows[i].first)
      send_row(dispatch, dispatch->rows[i].label, &zero,
               time - plugin_get_interval());
}

int dispatch_send(struct dispatch *dispatch) {
  cdtime_t now = cdtime();
  bool lost = dispatch->lost;

  send_starts(dispatch, now);
  for (size_t i = 0; i < dispatch->count; i++)
    send_row(dispatch, dispatch->rows[i].label, dispatch->rows[i].total, now);
  dispatch->count = 0;
  dispatch->started = true;
  dispatch->lost = false;
  return lost ? -ENOMEM : 0;
}

void dispatch_stat(void *arg, const struct source_stat *stat) {
  const struct dispatch_stats *stats = arg;
  value_t value = {.gauge = stat->value};

  if (stat->cumulative)
    value.derive = (derive_t)stat->value;
  send_values("bpfmem", stats->instance, stat->cumulative ? "derive" : "gauge",
              stat->name, &value, 1, stats->time);
}
