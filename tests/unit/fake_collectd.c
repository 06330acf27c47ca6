// SPDX-License-Identifier: MIT
/* A collectd that records. */
#include "fake_collectd.h"

#include "fake_log.h"

#include "check_main.h"

#include <string.h>

struct fake_collectd collectd;

/* The types of collectd's own types.db that may be used, and their number of
 * data sources. */
static const struct {
  const char *name;
  size_t values;
} types[] = {{"derive", 1},        {"gauge", 1},       {"operations", 1},
             {"ps_pagefaults", 2}, {"total_bytes", 1}, {"total_time_in_ms", 1}};

void fake_collectd_reset(void) {
  collectd = (struct fake_collectd){.now = TIME_T_TO_CDTIME_T(1000000007)};
}

void fake_collectd_clear(void) {
  collectd.value_count = 0;
  collectd.log[0] = '\0';
}

static const struct fake_value *find_value(const char *id, unsigned from) {
  for (unsigned i = from; i < collectd.value_count; i++)
    if (!strcmp(collectd.values[i].id, id))
      return &collectd.values[i];
  return NULL;
}

bool fake_has_value(const char *id) {
  return find_value(id, 0);
}

const struct fake_value *fake_value(const char *id) {
  const struct fake_value *value = find_value(id, 0);

  ck_assert_msg(value, "no value %s", id);
  ck_assert_msg(!find_value(id, (unsigned)(value - collectd.values) + 1),
                "two values %s", id);
  return value;
}

bool fake_has_logged(int level, const char *text) {
  char line[2048];
  const char *at = collectd.log;
  int length;

  for (; sscanf(at, "%2047[^\n]%n", line, &length) == 1; at += length + 1)
    if (line[0] == '0' + level && strstr(line, text))
      return true;
  return false;
}

static void log_line(int level, const char *format, va_list args) {
  size_t used = strlen(collectd.log), room = sizeof(collectd.log) - used;
  char text[1024];
  int length = vsnprintf(text, sizeof(text), format, args);

  ck_assert_msg((size_t)length < sizeof(text), "collectd would cut %s", text);
  ck_assert_msg(!strchr(text, '\n'), "more than a line: %s", text);
  snprintf(collectd.log + used, room, "%d %s\n", level, text);
}

cdtime_t cdtime(void) {
  return collectd.now++;
}

char *sstrncpy(char *dest, const char *src, size_t n) {
  ck_assert_msg(strlen(src) < n, "collectd would cut %s", src);
  return strcpy(dest, src);
}

char *sstrerror(int errnum, char *buf, size_t buflen) {
  snprintf(buf, buflen, "%s", strerror(errnum));
  return buf;
}

/* No byte that a writer would escape or that would break one. */
static void check_field(const char *text, const char *more) {
  for (; *text; text++)
    ck_assert_msg((*text >= 'a' && *text <= 'z') ||
                      (*text >= 'A' && *text <= 'Z') ||
                      (*text >= '0' && *text <= '9') || strchr(more, *text),
                  "a field has '%s'", text);
}

static void check_list(const value_list_t *list) {
  size_t i = 0;

  check_field(list->plugin, "_");
  check_field(list->plugin_instance, "._+~@-");
  check_field(list->type_instance, "_");
  ck_assert_msg(list->plugin[0] && list->plugin_instance[0], "no name");
  ck_assert_msg(!list->host[0] && !list->interval && !list->meta,
                "sets what the daemon knows better");
  while (i < ARRAY_SIZE(types) && strcmp(types[i].name, list->type) != 0)
    i++;
  ck_assert_msg(i < ARRAY_SIZE(types), "no stock type %s", list->type);
  ck_assert_uint_eq(list->values_len, types[i].values);
}

int plugin_dispatch_values(const value_list_t *list) {
  struct fake_value *value = &collectd.values[collectd.value_count++];

  ck_assert_uint_le(collectd.value_count, FAKE_VALUES_MAX);
  check_list(list);
  snprintf(value->id, sizeof(value->id), "%s-%s/%s%s%s", list->plugin,
           list->plugin_instance, list->type, list->type_instance[0] ? "-" : "",
           list->type_instance);
  memcpy(value->values, list->values,
         list->values_len * sizeof(list->values[0]));
  value->count = list->values_len;
  value->time = list->time;
  return 0;
}

static void check_plugin(const char *name, bool registered) {
  ck_assert_str_eq(name, "bpfmem");
  ck_assert_msg(!registered, "registered twice");
}

int plugin_register_complex_config(const char *type,
                                   int (*callback)(oconfig_item_t *)) {
  check_plugin(type, collectd.config);
  collectd.config = callback;
  return 0;
}

int plugin_register_init(const char *name, plugin_init_cb callback) {
  check_plugin(name, collectd.init);
  collectd.init = callback;
  return 0;
}

plugin_ctx_t plugin_get_ctx(void) {
  return (plugin_ctx_t){.name = collectd.loaded_as};
}

int plugin_register_shutdown(const char *name, plugin_shutdown_cb callback) {
  check_plugin(name, collectd.shutdown);
  collectd.shutdown = callback;
  return 0;
}

int plugin_register_complex_read(const char *group, const char *name,
                                 plugin_read_cb callback, cdtime_t interval,
                                 const user_data_t *data) {
  struct fake_read *read = &collectd.reads[collectd.read_count];

  ck_assert_uint_lt(collectd.read_count, FAKE_READS_MAX);
  ck_assert_ptr_null(group);
  ck_assert_uint_eq(interval, 0);
  if (collectd.read_error)
    return collectd.read_error;
  sstrncpy(read->name, name, sizeof(read->name));
  read->read = callback;
  read->data = *data;
  collectd.read_count++;
  return 0;
}
