// SPDX-License-Identifier: MIT
/* collectd's callbacks: configuration, start, read, shutdown. */
#include "collectd.h"

#include "plugin.h"
#include "utils/common/common.h"
#include "utils_complain.h"

#include "core/sampler.h"
#include "core/settings.h"
#include "dispatch.h"
#include "kernel/features.h"
#include "probe.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#define PLUGIN_NAME "bpfmem"

/* A probe that started, and all that its read callback needs. */
struct reader {
  enum probe_id id;
  const struct probe *probe;
  void *ctx;
  struct sampler *sampler;
  struct dispatch dispatch;
  c_complain_t complaint;
  unsigned reads;    /* up to UNMATCHED_READS */
  uint64_t refused;  /* names, as of the last warning, */
  time_t refused_at; /* and when that was */
};

static struct settings settings;
static bool settings_ready;
static struct reader readers[PROBE_COUNT];

static void log_to_collectd(void *arg, enum log_level level, const char *text) {
  static const int severity[] = {[LOG_LEVEL_ERROR] = LOG_ERR,
                                 [LOG_LEVEL_WARNING] = LOG_WARNING,
                                 [LOG_LEVEL_INFO] = LOG_INFO,
                                 [LOG_LEVEL_DEBUG] = LOG_DEBUG};

  (void)arg;
  plugin_log(severity[level], PLUGIN_NAME " plugin: %s", text);
}

static const struct log probe_log = {.write = log_to_collectd};

static int prepare_settings(void) {
  if (!settings_ready && settings_init(&settings)) {
    ERROR(PLUGIN_NAME " plugin: no memory for settings.");
    return -1;
  }
  settings_ready = true;
  return 0;
}

static struct settings_value to_value(const oconfig_value_t *value) {
  switch (value->type) {
  case OCONFIG_TYPE_BOOLEAN:
    return (struct settings_value){SETTINGS_BOOL,
                                   {.boolean = value->value.boolean}};
  case OCONFIG_TYPE_NUMBER:
    return (struct settings_value){SETTINGS_NUMBER,
                                   {.number = value->value.number}};
  default:
    return (struct settings_value){SETTINGS_STRING,
                                   {.string = value->value.string}};
  }
}

/* Takes one value of any kind, or two strings; false for others. */
static bool take_values(const oconfig_item_t *item,
                        struct settings_value *ret_value) {
  const oconfig_value_t *values = item->values;

  if (item->values_num == 1)
    *ret_value = to_value(&values[0]);
  else if (item->values_num == 2 && values[0].type == OCONFIG_TYPE_STRING &&
           values[1].type == OCONFIG_TYPE_STRING)
    *ret_value = (struct settings_value){
        SETTINGS_PAIR,
        {.pair = {values[0].value.string, values[1].value.string}}};
  else
    return false;
  return true;
}

static bool ends_in_slash(const char *path) {
  size_t length = strlen(path);

  return length && path[length - 1] == '/';
}

/* A literal pattern of option File matches a whole path. For the files below a
 * directory it takes an expression. */
static void warn_of_directory(const oconfig_item_t *item) {
  const char *path = item->values[0].type == OCONFIG_TYPE_STRING
                         ? item->values[0].value.string
                         : "";
  struct stat status;

  if (!strcasecmp(item->key, "File") && !stat(path, &status) &&
      S_ISDIR(status.st_mode) && !ends_in_slash(path))
    WARNING(PLUGIN_NAME
            " plugin: option File in <PageFaults>: \"%s\" is a directory and "
            "matches no file in it; for all of them write \"/^%s\\//\".",
            path, path);
}

static int config_option(const char *block, const oconfig_item_t *item) {
  struct settings_value value;
  char text[512] = "no memory for an option";
  int err;

  if (item->children_num) {
    err = settings_refuse_block(block, item->key, text, sizeof(text));
  } else {
    err = settings_set(&settings, block, item->key,
                       take_values(item, &value) ? &value : NULL, text,
                       sizeof(text));
  }
  if (err > 0)
    WARNING(PLUGIN_NAME " plugin: %s.", text);
  else if (err)
    ERROR(PLUGIN_NAME " plugin: %s.", text);
  else
    warn_of_directory(item);
  return err < 0 ? -1 : 0;
}

static int config_block(const oconfig_item_t *block) {
  if (block->values_num) {
    ERROR(PLUGIN_NAME " plugin: block <%s> takes no argument.", block->key);
    return -1;
  }
  for (int i = 0; i < block->children_num; i++)
    if (config_option(block->key, &block->children[i]))
      return -1;
  return 0;
}

static int bpfmem_config(oconfig_item_t *plugin) {
  if (prepare_settings())
    return -1;
  for (int i = 0; i < plugin->children_num; i++) {
    const oconfig_item_t *item = &plugin->children[i];
    int err = settings_has_block(item->key) ? config_block(item)
                                            : config_option(NULL, item);

    if (err)
      return -1;
  }
  return 0;
}

static double seconds_since(const struct timespec *start) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)(now.tv_sec - start->tv_sec) +
         (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static void send_stats(struct reader *reader, const struct timespec *start) {
  struct source source = reader->probe->source(reader->ctx);

  source.stats(source.ctx, dispatch_stat, &reader->dispatch);
  sampler_stats(reader->sampler, dispatch_stat, &reader->dispatch);
  dispatch_stat(&reader->dispatch, &(struct source_stat){"read_seconds", false,
                                                         seconds_since(start)});
}

/* After five minutes at collectd's own interval: soon enough for a name that is
 * spelled wrong, and late enough for the file of a program that has yet to
 * start. */
#define UNMATCHED_READS 30

static void warn_unmatched(void *arg, const char *pattern) {
  const struct reader *reader = arg;
  bool is_slab = reader->id == PROBE_SLAB;

  WARNING(
      PLUGIN_NAME
      " plugin: option %s \"%s\" has matched nothing in the first %d reads; "
      "%s.",
      is_slab ? "Cache in <Slab>:" : "File in <PageFaults>:", pattern,
      UNMATCHED_READS,
      is_slab ? "names are those of /proc/slabinfo, where caches that the "
                "kernel has merged are one"
              : "no mapped file of that name had a fault");
}

static void warn_no_members(void *arg, const char *pattern) {
  (void)arg;
  WARNING(
      PLUGIN_NAME
      " plugin: option Group in <PageFaults>: \"%s\" has matched nothing in "
      "the first %d reads; no mapped file of that name had a fault, or "
      "another Group before it has them, or File leaves them out.",
      pattern, UNMATCHED_READS);
}

#define REFUSED_SECONDS 86400 /* a day */

/* Once a day at most. */
static void warn_refused(struct reader *reader, time_t now) {
  uint64_t refused = sampler_names_refused(reader->sampler);

  if (refused == reader->refused ||
      (reader->refused && now - reader->refused_at < REFUSED_SECONDS))
    return;
  WARNING(PLUGIN_NAME
          " plugin: %s: new names were refused (%" PRIu64
          " times so far), as those of a day are spent; what they count is in "
          "%s-other; raise MaxSeries, %sor leave out what comes and goes by "
          "%s and IgnoreSelected.",
          reader->probe->name, refused - reader->refused, reader->probe->name,
          reader->id == PROBE_SLAB ? "" : "put files together by Group, ",
          reader->id == PROBE_SLAB ? "Cache" : "File");
  reader->refused = refused;
  reader->refused_at = now;
}

static void note_read(struct reader *reader, time_t now) {
  const struct settings_probe *own = probe_settings(&settings, reader->id);

  reader->reads += reader->reads <= UNMATCHED_READS;
  if (reader->reads == UNMATCHED_READS) {
    filter_unmatched(own->filter, warn_unmatched, reader);
    if (own->groups)
      groups_unmatched(own->groups, warn_no_members, reader);
  }
  warn_refused(reader, now);
}

static int bpfmem_read(user_data_t *data) {
  struct reader *reader = data->data;
  struct timespec start;
  int err;

  clock_gettime(CLOCK_MONOTONIC, &start);
  reader->dispatch.time = cdtime();
  err = sampler_read(reader->sampler,
                     (uint64_t)start.tv_sec * 1000000000U +
                         (uint64_t)start.tv_nsec,
                     dispatch_row, &reader->dispatch);
  if (err) {
    c_complain(LOG_ERR, &reader->complaint,
               PLUGIN_NAME " plugin: %s: reading failed: %s",
               reader->probe->name, STRERROR(-err));
    return -1;
  }
  c_release(LOG_INFO, &reader->complaint,
            PLUGIN_NAME " plugin: %s: reading works again.",
            reader->probe->name);
  note_read(reader, start.tv_sec);
  if (settings.report_statistics)
    send_stats(reader, &start);
  return 0;
}

static void reader_stop(struct reader *reader) {
  sampler_free(reader->sampler);
  if (reader->probe)
    reader->probe->close(reader->ctx);
  *reader = (struct reader){0};
}

static int reader_prepare(struct reader *reader) {
  const struct settings_probe *own = probe_settings(&settings, reader->id);
  struct source source = reader->probe->source(reader->ctx);

  reader->sampler =
      sampler_new(&source, own, reader->probe->classes, reader->probe->orders);
  reader->dispatch = (struct dispatch){
      .form = reader->id == PROBE_SLAB ? DISPATCH_OBJECTS : DISPATCH_FAULTS,
      .report_bytes = own->report_bytes,
      .instance = reader->probe->name};
  return reader->sampler ? 0 : -ENOMEM;
}

static int reader_register(struct reader *reader) {
  char name[DATA_MAX_NAME_LEN];

  ssnprintf(name, sizeof(name), PLUGIN_NAME "-%s", reader->probe->name);
  return plugin_register_complex_read(/* group = */ NULL, name, bpfmem_read,
                                      /* interval = */ 0,
                                      &(user_data_t){.data = reader});
}

/* The probe says in the log why it does not start. */
static int reader_start(struct reader *reader, enum probe_id id,
                        struct features *kernel) {
  const struct settings_probe *own = probe_settings(&settings, id);
  struct probe_options options = {.hooks = own->hooks,
                                  .max_tracked = own->max_tracked,
                                  .sample_above = own->sample_above,
                                  .kernel = kernel,
                                  .log = probe_log};
  int err = probes[id]->open(&options, &reader->ctx);

  if (err)
    return err;
  reader->id = id;
  reader->probe = probes[id];
  reader->complaint = (c_complain_t)C_COMPLAIN_INIT_STATIC;
  err = reader_prepare(reader);
  if (!err)
    err = reader_register(reader);
  if (err) {
    ERROR(PLUGIN_NAME " plugin: %s: cannot register: %s", probes[id]->name,
          STRERROR(err < 0 ? -err : err));
    reader_stop(reader);
  }
  return err;
}

/* If one probe does not start, the other one runs; it is an error if none does.
 */
static int bpfmem_init(void) {
  struct features kernel = {0};
  int wanted = 0, started = 0;

  if (prepare_settings())
    return -1;
  kernel.path = settings.btf;
  log_libbpf(&probe_log);
  for (int i = 0; i < PROBE_COUNT; i++) {
    if (readers[i].probe || !probe_settings(&settings, i)->collect)
      continue;
    wanted++;
    started += !reader_start(&readers[i], i, &kernel);
  }
  features_forget(&kernel);
  if (!wanted)
    WARNING(PLUGIN_NAME " plugin: CollectPageFaults and CollectSlab are both "
                        "false: nothing to do.");
  return wanted && !started ? -1 : 0;
}

/* collectd calls this after all reads have ended, and also after an init that
 * failed. */
static int bpfmem_shutdown(void) {
  for (int i = 0; i < PROBE_COUNT; i++)
    reader_stop(&readers[i]);
  settings_fini(&settings);
  settings_ready = false;
  return 0;
}

/* A copy of this file under another name has variables of its own. collectd
 * would start it with options that it gave to the first. */
static bool is_copy(void) {
  const char *name = plugin_get_ctx().name;

  if (!name || !strcasecmp(name, PLUGIN_NAME))
    return false;
  ERROR(PLUGIN_NAME
        " plugin: loaded as \"%s\", which is refused: load it once, "
        "by \"LoadPlugin " PLUGIN_NAME "\".",
        name);
  return true;
}

void module_register(void) {
  if (is_copy())
    return;
  plugin_register_complex_config(PLUGIN_NAME, bpfmem_config);
  plugin_register_init(PLUGIN_NAME, bpfmem_init);
  plugin_register_shutdown(PLUGIN_NAME, bpfmem_shutdown);
}
