// SPDX-License-Identifier: MIT
/* The part of collectd that the plugin calls. */
#include "host.h"

#include "unit/fake_log.h"

#include <string.h>

void module_register(void);

enum { SERIES_MAX = 512, READS_MAX = 4, LOG_SIZE = 1 << 17 };

struct series {
  char id[4 * DATA_MAX_NAME_LEN];
  derive_t last[2];
};

struct reader {
  char name[DATA_MAX_NAME_LEN];
  plugin_read_cb read;
  user_data_t data;
};

static struct {
  int (*config)(oconfig_item_t *item);
  plugin_init_cb init;
  plugin_shutdown_cb shutdown;
  struct reader reader[READS_MAX];
  unsigned readers;
  struct series series[SERIES_MAX];
  unsigned series_count;
  char log[LOG_SIZE];
  char complaint[512];
} host;

static void complain(const char *what, const char *about) {
  if (!host.complaint[0])
    snprintf(host.complaint, sizeof(host.complaint), "%s: %.400s", what, about);
}

const char *host_complaint(void) {
  return host.complaint[0] ? host.complaint : NULL;
}

const char *host_log(void) {
  return host.log;
}

/* As collectd's, but strict: a line is one, is whole and is printable. */
static void log_line(int level, const char *format, va_list args) {
  size_t used = strlen(host.log);
  char text[1024];
  int length = vsnprintf(text, sizeof(text), format, args);

  if (length >= (int)sizeof(text) && level < LOG_DEBUG)
    complain("too long for a log", text);
  for (const char *c = text; *c; c++)
    if (*c != '\t' && (*c < ' ' || *c > '~'))
      complain("not printable, in a log", text);
  /* The verifier's log can be long; what is said after it counts. */
  if (level < LOG_DEBUG || used < LOG_SIZE / 2)
    snprintf(host.log + used, LOG_SIZE - used, "%d %s\n", level, text);
}

unsigned host_logged(int level, const char *text) {
  unsigned count = 0;
  char line[1100];
  int length;

  for (const char *at = host.log;
       sscanf(at, "%1099[^\n]%n", line, &length) == 1; at += length + 1)
    count += line[0] <= '0' + level && strstr(line, text);
  return count;
}

cdtime_t cdtime(void) {
  static cdtime_t now = TIME_T_TO_CDTIME_T_STATIC(1000000007);

  return ++now;
}

char *sstrncpy(char *out, const char *text, size_t size) {
  snprintf(out, size, "%s", text);
  return out;
}

char *sstrerror(int number, char *text, size_t size) {
  snprintf(text, size, "error %d", number);
  return text;
}

int plugin_register_complex_config(const char *type,
                                   int (*callback)(oconfig_item_t *)) {
  (void)type;
  host.config = callback;
  return 0;
}

int plugin_register_init(const char *name, plugin_init_cb callback) {
  (void)name;
  host.init = callback;
  return 0;
}

plugin_ctx_t plugin_get_ctx(void) {
  return (plugin_ctx_t){0};
}

int plugin_register_shutdown(const char *name, plugin_shutdown_cb callback) {
  (void)name;
  host.shutdown = callback;
  return 0;
}

int plugin_register_complex_read(const char *group, const char *name,
                                 plugin_read_cb callback, cdtime_t interval,
                                 user_data_t const *data) {
  struct reader *reader = &host.reader[host.readers++];

  (void)group;
  (void)interval;
  snprintf(reader->name, sizeof(reader->name), "%s", name);
  reader->read = callback;
  reader->data = *data;
  return 0;
}

static struct series *series_of(const char *id) {
  for (unsigned i = 0; i < host.series_count; i++)
    if (!strcmp(host.series[i].id, id))
      return &host.series[i];
  if (host.series_count == SERIES_MAX) {
    complain("too many series", id);
    return &host.series[0];
  }
  snprintf(host.series[host.series_count].id, sizeof(host.series[0].id), "%s",
           id);
  return &host.series[host.series_count++];
}

static bool is_gauge(const char *type) {
  return !strcmp(type, "gauge") || !strcmp(type, "memory") ||
         !strcmp(type, "objects");
}

int plugin_dispatch_values(const value_list_t *list) {
  char id[4 * DATA_MAX_NAME_LEN];
  struct series *series;

  if (is_gauge(list->type))
    return 0;
  snprintf(id, sizeof(id), "%s-%s/%s-%s", list->plugin, list->plugin_instance,
           list->type, list->type_instance);
  series = series_of(id);
  for (size_t i = 0; i < list->values_len && i < 2; i++) {
    if (list->values[i].derive < series->last[i])
      complain("went back", id);
    series->last[i] = list->values[i].derive;
  }
  return 0;
}

uint64_t host_sum(const char *prefix) {
  uint64_t sum = 0;

  for (unsigned i = 0; i < host.series_count; i++)
    if (!strncmp(host.series[i].id, prefix, strlen(prefix)))
      sum += (uint64_t)(host.series[i].last[0] + host.series[i].last[1]);
  return sum;
}

void host_start(void) {
  module_register();
}

#define OPTION(name, text)                                                     \
  {                                                                            \
    .key = (char *)(name), .values_num = 1, .values = &(oconfig_value_t) {     \
      .type = OCONFIG_TYPE_STRING, .value.string = (char *)(text)              \
    }                                                                          \
  }

int host_config(const char *files, const char *hooks, unsigned tracked) {
  oconfig_value_t number = {.type = OCONFIG_TYPE_NUMBER,
                            .value.number = tracked};
  oconfig_item_t faults[] = {
      OPTION("File", files),
      OPTION("File", "/none"),
      OPTION("Hooks", hooks),
      {.key = (char *)"MaxTracked", .values = &number, .values_num = 1}};
  const char *slab_hooks = strcmp(hooks, "event") ? hooks : "kprobe";
  oconfig_item_t slab[] = {OPTION("Cache", "uts_namespace"),
                           OPTION("Hooks", slab_hooks)};
  oconfig_item_t blocks[] = {
      {.key = (char *)"PageFaults", .children = faults, .children_num = 4},
      {.key = (char *)"Slab", .children = slab, .children_num = 2}};

  return host.config(&(oconfig_item_t){
      .key = (char *)"Plugin", .children = blocks, .children_num = 2});
}

int host_init(void) {
  return host.init();
}

int host_shutdown(void) {
  return host.shutdown();
}

unsigned host_read(void) {
  unsigned failed = 0;

  for (unsigned i = 0; i < host.readers; i++)
    failed |= (unsigned)(host.reader[i].read(&host.reader[i].data) != 0) << i;
  return failed;
}

bool host_reads(const char *probe) {
  char name[64];

  snprintf(name, sizeof(name), "bpfmem-%s", probe);
  for (unsigned i = 0; i < host.readers; i++)
    if (!strcmp(host.reader[i].name, name))
      return true;
  return false;
}
