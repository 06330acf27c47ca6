/* SPDX-License-Identifier: MIT */
/* Rows and statistics -> collectd values. The only place that knows types:
 * stock ones, as a custom type is dropped by every server that lacks it. */
#ifndef BPFMEM_DISPATCH_H
#define BPFMEM_DISPATCH_H

#include "core/sampler.h"

/* What a row's two events become. */
enum dispatch_form {
  DISPATCH_FAULTS, /* pagefault-LABEL/ps_pagefaults (minflt, majflt); where it
                      is told total_time_in_ms-stalled */
  DISPATCH_OBJECTS /* slab-LABEL/operations-alloc, operations-free; where it is
                      told objects-active, memory-held */
};

struct dispatch {
  enum dispatch_form form;
  bool report_bytes;    /* total_bytes beside operations */
  const char *instance; /* of the statistics: bpfmem-INSTANCE */
  uint64_t time;        /* a cdtime_t: dispatch_begin() */
};

/* Start of a read: all its values carry one time stamp, which lets the network
 * plugin pack them into fewer bytes. */
void dispatch_begin(struct dispatch *dispatch);

/* A sampler_sink; arg is the struct dispatch. A series starts, or goes on after
 * a pause, with the value it had before, at first zero: what was counted since
 * goes out with the next read, or writers that compute rates (RRD above all)
 * would never see it. */
void dispatch_row(void *arg, const struct sampler_row *row);

/* A `take` of statistics; arg is the struct dispatch. Becomes derive-NAME when
 * it is cumulative, else gauge-NAME. */
void dispatch_stat(void *arg, const struct source_stat *stat);

#endif
