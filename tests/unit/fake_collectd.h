/* SPDX-License-Identifier: MIT */
/* The part of collectd's API that the plugin uses, as a fake that records. It
 * is stricter than the daemon: what that would cut, escape or drop fails the
 * test. */
#ifndef BPFMEM_FAKE_COLLECTD_H
#define BPFMEM_FAKE_COLLECTD_H

#include "collectd.h"

#include "plugin.h"

#include <stdbool.h>

#define FAKE_VALUES_MAX 128
#define FAKE_READS_MAX 4

/* "PLUGIN-INSTANCE/TYPE-INSTANCE", as a file of the csv plugin is named. */
struct fake_value {
  char id[4 * DATA_MAX_NAME_LEN];
  value_t values[2];
  size_t count;
  cdtime_t time;
};

struct fake_read {
  char name[DATA_MAX_NAME_LEN];
  plugin_read_cb read;
  user_data_t data;
};

struct fake_collectd {
  struct fake_value values[FAKE_VALUES_MAX];
  unsigned value_count;
  char log[8192]; /* lines "LEVEL TEXT" */
  cdtime_t now;   /* goes on with each call of cdtime() */
  int (*config)(oconfig_item_t *item);
  plugin_init_cb init;
  plugin_shutdown_cb shutdown;
  struct fake_read reads[FAKE_READS_MAX];
  unsigned read_count;
  int read_error;  /* what plugin_register_complex_read() returns */
  char *loaded_as; /* the name in "LoadPlugin" */
};

extern struct fake_collectd collectd;

/* Forgets everything. */
void fake_collectd_reset(void);

/* Forgets values and log only. */
void fake_collectd_clear(void);

/* The only value of that name; fails the test when there is none, or two. */
const struct fake_value *fake_value(const char *id);
bool fake_has_value(const char *id);

/* Whether a line of that level contains the text. */
bool fake_has_logged(int level, const char *text);

#endif
