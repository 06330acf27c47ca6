/* SPDX-License-Identifier: MIT */
/* What a probe offers to the plugin and the live view. To add a probe, write
 * one `struct probe` and list it in probes[] (probe.c). */
#ifndef BPFMEM_PROBE_H
#define BPFMEM_PROBE_H

#include "core/rank.h"
#include "core/settings.h"
#include "core/source.h"
#include "kernel/hook.h"
#include "kernel/log.h"

struct features;

struct probe_options {
  enum settings_hooks hooks;
  unsigned max_tracked;
  unsigned sample_above;   /* faults per second and CPU; 0: never */
  struct features *kernel; /* shared; no probe needs it once it is open */
  struct log log;          /* what it points to must outlive the probe */
};

struct probe {
  const char *name;           /* "pagefault": names its series and statistics */
  const char *const *classes; /* rows that always exist; see sampler_new() */
  const struct rank_orders *orders; /* what is worth a series */
  const struct hook_event *events;  /* for --probe; `events_count` of them */
  unsigned events_count;

  /* Loads and attaches. 0, or -errno after logging the cause and the remedy;
   * then nothing is left behind. The caller closes *ret_ctx. */
  int (*open)(const struct probe_options *options, void **ret_ctx);
  /* Detaches and frees. Accepts NULL. */
  void (*close)(void *ctx);
  struct source (*source)(void *ctx);
};

enum probe_id { PROBE_PAGEFAULT, PROBE_SLAB, PROBE_COUNT };

/* Page faults per file; slab objects allocated and freed per kernel cache. */
extern const struct probe pagefault_probe, slab_probe;

extern const struct probe *const probes[PROBE_COUNT];

/* The settings that belong to a probe. */
const struct settings_probe *probe_settings(const struct settings *settings,
                                            enum probe_id id);

#endif
