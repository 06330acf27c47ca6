/* SPDX-License-Identifier: MIT */
/* Rows and statistics -> collectd values. The only place that knows types:
 * stock ones, as a custom type is dropped by every server that lacks it. */
#ifndef BPFMEM_DISPATCH_H
#define BPFMEM_DISPATCH_H

#include "sampler.h"

/* What a row's two events become. */
enum dispatch_form {
  DISPATCH_FAULTS, /* pagefault-LABEL/ps_pagefaults (minflt, majflt) */
  DISPATCH_OBJECTS /* slab-LABEL/operations-alloc, operations-free */
};

struct dispatch;

/* NULL when memory is short. */
struct dispatch *dispatch_new(enum dispatch_form form, bool report_bytes);
void dispatch_free(struct dispatch *dispatch);

/* A sampler_sink; arg is the struct dispatch. The row's label and total must
 * stay valid until dispatch_send(). */
void dispatch_take(void *arg, const struct sampler_row *row);

/* Sends the rows taken since the last call with one time stamp. A row that is
 * new after the first read is sent as zero one interval before, so that writers
 * of rates see its first events. 0 or -ENOMEM (rows were lost). */
int dispatch_send(struct dispatch *dispatch);

/* A `take` of statistics: bpfmem-INSTANCE/{derive,gauge}-NAME. */
struct dispatch_stats {
  const char *instance;
  uint64_t time; /* cdtime_t; 0: now */
};
void dispatch_stat(void *arg, const struct source_stat *stat);

#endif
