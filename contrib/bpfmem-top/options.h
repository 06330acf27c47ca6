/* SPDX-License-Identifier: MIT */
/* The command line of bpfmem-top. */
#ifndef BPFMEM_TOP_OPTIONS_H
#define BPFMEM_TOP_OPTIONS_H

#include "core/settings.h"

#include <stdint.h>

#define OPTIONS_USAGE_STATUS 2

enum options_action {
  OPTIONS_VIEW,
  OPTIONS_PROBE,
  OPTIONS_HELP,
  OPTIONS_VERSION
};

struct options {
  enum options_action action;
  struct settings settings; /* which probes, their hooks and sizes */
  unsigned rows_max;
  unsigned count; /* 0: endless */
  uint64_t interval_ns;
  int verbose;
};

/* 0, or -EINVAL or -ENOMEM after saying on stderr what is wrong with which
 * option. options_fini() in both cases. */
int options_parse(struct options *options, int argc, char **argv);
void options_fini(struct options *options);

/* Prints the usage to stdout. */
void options_help(void);

#endif
