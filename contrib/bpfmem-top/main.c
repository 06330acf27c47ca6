// SPDX-License-Identifier: MIT
/* bpfmem-top: page faults per file and slab objects per cache, per interval. */
#include "kernel/features.h"
#include "options.h"
#include "probe_list.h"
#include "report.h"
#include "screen.h"
#include "stop.h"
#include "view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Writes errors and warnings always, the rest with -v and -vv; but not across
 * the screen. */
static void write_log(void *arg, enum log_level level, const char *text) {
  const struct options *options = arg;

  if ((int)level - LOG_LEVEL_WARNING <= options->verbose && !screen_note(text))
    fprintf(stderr, "bpfmem-top: %s\n", text);
}

/* Opens views of the probes that start; false when none does. */
static bool open_views(const struct options *options, const struct log *log,
                       struct view *views[PROBE_COUNT]) {
  struct features kernel = {.path = options->settings.btf};
  bool any = false;

  for (int id = 0; id < PROBE_COUNT; id++)
    if (probe_settings(&options->settings, id)->collect &&
        !view_open(id, &options->settings, &kernel, log, &views[id]))
      any = true;
  features_forget(&kernel);
  if (!any && !features_may_trace())
    log_printf(log, LOG_LEVEL_ERROR,
               "run bpfmem-top as root, or grant it CAP_BPF and CAP_PERFMON");
  return any;
}

/* A reading is NULL where there is no view, or it cannot be read. */
static void read_views(const struct log *log, struct view *const *views,
                       struct reading store[PROBE_COUNT],
                       const struct reading *ret_readings[PROBE_COUNT]) {
  for (int id = 0; id < PROBE_COUNT; id++) {
    int err = views[id] ? view_read(views[id], &store[id]) : 0;

    if (err)
      log_printf(log, LOG_LEVEL_ERROR, "%s: cannot be read: %s",
                 probes[id]->name, strerror(-err));
    ret_readings[id] = views[id] && !err ? &store[id] : NULL;
  }
}

/* The table is written in one piece, so that a reader never sees half of it for
 * long. */
static int print_interval(struct report *report, const struct options *options,
                          const struct log *log, struct view *const *views) {
  const struct reading *readings[PROBE_COUNT];
  struct reading store[PROBE_COUNT];
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  int err = -ENOMEM;

  if (!out)
    return err;
  read_views(log, views, store, readings);
  err = report_print(report, out, options, readings);
  if (fclose(out))
    err = -ENOMEM;
  if (!err)
    err = stop_write(STDOUT_FILENO, text, size);
  free(text);
  return err;
}

/* The first interval begins when all is attached. What came before, or was
 * caused by attaching, is read and dropped. */
static uint64_t start(struct view *const *views) {
  for (int id = 0; id < PROBE_COUNT; id++)
    if (views[id])
      view_start(views[id]);
  return stop_now_ns();
}

/* Deadlines are absolute, so a late interval does not delay the next ones.
 * Those that passed while the process could not run are left out. */
static int run(const struct options *options, const struct log *log,
               struct view *const *views) {
  struct report report = {0};
  uint64_t deadline = start(views);
  int err = 0;

  for (unsigned i = 0; !err && (!options->count || i < options->count); i++) {
    do
      deadline += options->interval_ns;
    while (deadline < stop_now_ns());
    if (stop_wait(deadline))
      break;
    err = print_interval(&report, options, log, views);
  }
  report_fini(&report);
  return err;
}

/* A request to stop and a reader that went away are no failures. */
static bool is_failure(int err) {
  return err && err != -ECANCELED && err != -EPIPE;
}

static int view(const struct options *options, const struct log *log) {
  struct view *views[PROBE_COUNT] = {NULL};
  int status = EXIT_FAILURE;

  stop_init();
  if (open_views(options, log, views)) {
    bool on_screen = options->output == OPTIONS_AUTO && screen_is_possible();
    int err = on_screen ? screen_run(options, views) : run(options, log, views);

    status = is_failure(err) ? EXIT_FAILURE : EXIT_SUCCESS;
    if (status)
      log_printf(log, LOG_LEVEL_ERROR, "cannot write: %s", strerror(-err));
  }
  for (int id = 0; id < PROBE_COUNT; id++)
    view_close(views[id]);
  return status;
}

static int list(const struct options *options, const struct log *log) {
  int err = probe_list(stdout, &options->settings, options->verbose, log);

  if (!err && fflush(stdout)) {
    err = -errno;
    log_printf(log, LOG_LEVEL_ERROR, "cannot write: %s", strerror(errno));
  }
  return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int act(struct options *options) {
  const struct log log = {.write = write_log, .arg = options};

  log_libbpf(&log);
  switch (options->action) {
  case OPTIONS_HELP:
    options_help();
    return EXIT_SUCCESS;
  case OPTIONS_VERSION:
    puts("bpfmem-top " BPFMEM_VERSION);
    return EXIT_SUCCESS;
  case OPTIONS_PROBE:
    return list(options, &log);
  default:
    return view(options, &log);
  }
}

int main(int argc, char **argv) {
  struct options options;
  int err = options_parse(&options, argc, argv);
  int status = err ? OPTIONS_USAGE_STATUS : act(&options);

  options_fini(&options);
  return status;
}
