// SPDX-License-Identifier: MIT
/* Rows and statistics -> collectd values. */
#include "collectd.h"

#include "plugin.h"
#include "utils/common/common.h"

#include "dispatch.h"

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

/* Sends the list, which has its plugin and type; adds all else. */
static void send_values(const struct dispatch *dispatch, value_list_t *list,
                        const char *plugin_instance, const char *type_instance,
                        value_t *values, size_t count) {
  list->values = values;
  list->values_len = count;
  list->time = dispatch->time;
  sstrncpy(list->plugin_instance, plugin_instance,
           sizeof(list->plugin_instance));
  if (type_instance)
    sstrncpy(list->type_instance, type_instance, sizeof(list->type_instance));
  plugin_dispatch_values(list);
}

static value_list_t list_of(const char *plugin, const char *type) {
  value_list_t list = VALUE_LIST_INIT;

  sstrncpy(list.plugin, plugin, sizeof(list.plugin));
  sstrncpy(list.type, type, sizeof(list.type));
  return list;
}

static void send_counts(const struct dispatch *dispatch, const char *type,
                        const char *label,
                        const uint64_t counts[ROW_EVENT_COUNT]) {
  const struct form *form = &forms[dispatch->form];
  value_list_t list = list_of(form->plugin, type);
  value_t values[ROW_EVENT_COUNT];

  for (int i = 0; i < ROW_EVENT_COUNT; i++)
    values[i].derive = (derive_t)counts[i];
  if (form->joint) {
    send_values(dispatch, &list, label, NULL, values, ROW_EVENT_COUNT);
    return;
  }
  for (int i = 0; i < ROW_EVENT_COUNT; i++)
    send_values(dispatch, &list, label, form->type_instance[i], &values[i], 1);
}

static void send_gauge(const struct dispatch *dispatch, const char *type,
                       const char *label, const char *type_instance,
                       double gauge) {
  value_list_t list = list_of(forms[dispatch->form].plugin, type);
  value_t value = {.gauge = gauge};

  send_values(dispatch, &list, label, type_instance, &value, 1);
}

/* No thread waits for most files, so these have no such series. As in
 * dispatch.h, it starts with the value from before the read. */
static void send_stalled(const struct dispatch *dispatch,
                         const struct sampler_row *row) {
  bool starts = row->fresh || !row->before->stalled_ns;
  uint64_t ns = starts ? row->before->stalled_ns : row->total->stalled_ns;
  value_list_t list = list_of(forms[dispatch->form].plugin, "total_time_in_ms");
  value_t value = {.derive = (derive_t)(ns / 1000000)};

  if (row->total->stalled_ns)
    send_values(dispatch, &list, row->label, "stalled", &value, 1);
}

void dispatch_row(void *arg, const struct sampler_row *row) {
  const struct dispatch *dispatch = arg;
  const struct row_counts *counts = row->fresh ? row->before : row->total;

  send_counts(dispatch, forms[dispatch->form].type, row->label, counts->events);
  if (dispatch->report_bytes)
    send_counts(dispatch, "total_bytes", row->label, counts->bytes);
  send_stalled(dispatch, row);
  if (!row->held)
    return;
  send_gauge(dispatch, "objects", row->label, "active",
             (double)row->held->now.objects);
  send_gauge(dispatch, "memory", row->label, "held",
             (double)row->held->now.bytes);
}

void dispatch_stat(void *arg, const struct source_stat *stat) {
  const struct dispatch *dispatch = arg;
  value_list_t list = list_of("bpfmem", stat->cumulative ? "derive" : "gauge");
  value_t value = {.gauge = stat->value};

  if (stat->cumulative)
    value.derive = (derive_t)stat->value;
  send_values(dispatch, &list, dispatch->instance, stat->name, &value, 1);
}
