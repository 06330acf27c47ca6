// SPDX-License-Identifier: MIT
/* A probe, its sampler and its statistics, without collectd. */
#include "bench.h"

#include "core/sampler.h"
#include "kernel/features.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATS_MAX 32

struct session {
  const struct probe *probe;
  void *ctx;
  unsigned more_rows;
  uint64_t reads;
  struct settings settings;
  struct sampler *sampler;
  unsigned rows;
  struct source_stat stats[STATS_MAX];
  unsigned stat_count;
};

static void log_error(void *arg, enum log_level level, const char *text) {
  (void)arg;
  if (level == LOG_LEVEL_ERROR)
    fprintf(stderr, "bench: %s\n", text);
}

/* Machines have as many caches as they happen to use. */
static int harvest(void *ctx,
                   void (*take)(void *arg, const struct source_row *row),
                   void *arg) {
  struct session *session = ctx;
  struct source source = session->probe->source(session->ctx);
  int err = source.harvest(source.ctx, take, arg);
  char name[32];

  for (unsigned i = 1; i <= session->more_rows; i++) {
    snprintf(name, sizeof(name), "bench-%u", i);
    take(arg, &(struct source_row){.slot = source.slots_max - i,
                                   .owner = 1,
                                   .name = name,
                                   .events = {session->reads}});
  }
  session->reads++;
  return err;
}

static void tell_held(void *ctx, source_take_held *take, void *arg) {
  const struct session *session = ctx;
  struct source source = session->probe->source(session->ctx);

  source.held(source.ctx, take, arg);
}

static void prepare(struct session *session,
                    const struct session_options *options) {
  struct source source = session->probe->source(session->ctx);
  enum probe_id id = options->id;

  if (session->more_rows) {
    source.ctx = session;
    source.harvest = harvest;
    source.held = tell_held;
    source.deduces = NULL;
  }
  if (options->without_held)
    source.held = NULL;
  session->sampler =
      sampler_new(&source, probe_settings(&session->settings, id),
                  session->probe->classes, session->probe->orders);
  if (!session->sampler)
    bench_die("sampler", ENOMEM);
}

struct session *session_open(const struct session_options *options) {
  struct session *session = calloc(1, sizeof(*session));
  struct features alone = {
      .fentry = options->without_functions ? FEATURES_NO : FEATURES_UNKNOWN};
  struct probe_options own = {.hooks = options->hooks,
                              .kernel =
                                  options->kernel ? options->kernel : &alone,
                              .log = {.write = log_error}};
  int err;

  if (!session || settings_init(&session->settings))
    bench_die("memory", ENOMEM);
  session->probe = probes[options->id];
  own.max_tracked =
      options->max_tracked
          ? options->max_tracked
          : probe_settings(&session->settings, options->id)->max_tracked;
  err = session->probe->open(&own, &session->ctx);
  if (err)
    bench_die(session->probe->name, err);
  features_forget(&alone);
  session->more_rows = options->more_rows;
  prepare(session, options);
  return session;
}

void session_close(struct session *session) {
  if (!session)
    return;
  sampler_free(session->sampler);
  session->probe->close(session->ctx);
  settings_fini(&session->settings);
  free(session);
}

static void count_row(void *arg, const struct sampler_row *row) {
  struct session *session = arg;

  (void)row;
  session->rows++;
}

static void keep_stat(void *arg, const struct source_stat *stat) {
  struct session *session = arg;

  if (session->stat_count < STATS_MAX)
    session->stats[session->stat_count++] = *stat;
}

unsigned session_read(struct session *session) {
  struct source source = session->probe->source(session->ctx);
  int err;

  session->rows = session->stat_count = 0;
  err = sampler_read(session->sampler, (uint64_t)bench_now_ns(), count_row,
                     session);
  if (err)
    bench_die(session->probe->name, err);
  source.stats(source.ctx, keep_stat, session);
  sampler_stats(session->sampler, keep_stat, session);
  return session->rows;
}

double session_stat(const struct session *session, const char *name) {
  for (unsigned i = 0; i < session->stat_count; i++)
    if (!strcmp(session->stats[i].name, name))
      return session->stats[i].value;
  return -1;
}
