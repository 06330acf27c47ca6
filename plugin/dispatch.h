/* SPDX-License-Identifier: MIT */
/* Rows and statistics -> collectd values. Only this module knows types. They
 * are stock types, as a server drops a custom type that it does not have. */
#ifndef BPFMEM_DISPATCH_H
#define BPFMEM_DISPATCH_H

#include "core/sampler.h"

/* What a row's two events become. */
enum dispatch_form {
  DISPATCH_FAULTS, /* pagefault-LABEL/ps_pagefaults (minflt, majflt), and
                    * total_time_in_ms-stalled if the time is told */
  DISPATCH_OBJECTS /* slab-LABEL/operations-alloc, operations-free, and
                    * objects-active, memory-held if these are told */
};

struct dispatch {
  enum dispatch_form form;
  bool report_bytes;    /* total_bytes beside operations */
  const char *instance; /* of the statistics: bpfmem-INSTANCE */
  /* A cdtime_t, the start of the read. All values of the read carry it, so that
   * the network plugin packs them into fewer bytes. */
  uint64_t time;
};

/* A sampler_sink; arg is the struct dispatch. A series that starts, or goes on
 * after a pause, first has the value from before the read, which is zero for a
 * new one. The next read adds what was counted since. Without that first value,
 * writers that compute rates (RRD above all) would never show those events. */
void dispatch_row(void *arg, const struct sampler_row *row);

/* A `take` of statistics; arg is the struct dispatch. Becomes derive-NAME when
 * it is cumulative, else gauge-NAME. */
void dispatch_stat(void *arg, const struct source_stat *stat);

#endif
