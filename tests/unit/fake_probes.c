// SPDX-License-Identifier: MIT
/* Probes without a kernel. */
#include "fake_probes.h"

#include "kernel/features.h"
#include "probe.h"

#include "check_main.h"

struct fake_probe faults, objects;
unsigned kernels_forgotten;

static int open_fake(struct fake_probe *fake,
                     const struct probe_options *options, void **ret_ctx) {
  fake->options = *options;
  fake->btf = options->kernel->path;
  if (fake->open_error) {
    options->log.write(options->log.arg, LOG_LEVEL_ERROR, "cause and remedy");
    return fake->open_error;
  }
  fake->opened++;
  *ret_ctx = fake;
  return 0;
}

static int open_faults(const struct probe_options *options, void **ret_ctx) {
  return open_fake(&faults, options, ret_ctx);
}

static int open_objects(const struct probe_options *options, void **ret_ctx) {
  return open_fake(&objects, options, ret_ctx);
}

static void close_fake(void *ctx) {
  struct fake_probe *fake = ctx;

  ck_assert_int_gt(fake->opened, fake->closed);
  fake->closed++;
}

static void stats_fake(void *ctx,
                       void (*take)(void *arg, const struct source_stat *stat),
                       void *arg) {
  (void)ctx;
  take(arg, &(struct source_stat){"events_missed", true, 3});
}

static struct source source_fake(void *ctx) {
  struct fake_probe *fake = ctx;
  struct source source = fake_source(&fake->source);

  source.stats = stats_fake;
  return source;
}

static const char *const fault_classes[] = {"anon", "other", NULL};
static const char *const object_classes[] = {"other", NULL};

const struct probe pagefault_probe = {.name = "pagefault",
                                      .classes = fault_classes,
                                      .orders = &fake_orders,
                                      .open = open_faults,
                                      .close = close_fake,
                                      .source = source_fake};
const struct probe slab_probe = {.name = "slab",
                                 .classes = object_classes,
                                 .orders = &fake_orders,
                                 .open = open_objects,
                                 .close = close_fake,
                                 .source = source_fake};

void log_libbpf(const struct log *log) {
  ck_assert_ptr_nonnull(log->write);
}

void features_forget(struct features *info) {
  (void)info;
  kernels_forgotten++;
}

void fake_probes_reset(void) {
  kernels_forgotten = 0;
  faults = objects = (struct fake_probe){0};
  fake_init(&faults.source);
  fake_init(&objects.source);
}
