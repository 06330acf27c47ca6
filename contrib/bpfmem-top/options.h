/* SPDX-License-Identifier: MIT */
/* The command line of bpfmem-top. */
#ifndef BPFMEM_TOP_OPTIONS_H
#define BPFMEM_TOP_OPTIONS_H

#include "core/settings.h"
#include "lines.h"

#include <stdint.h>

#define OPTIONS_USAGE_STATUS 2
#define OPTIONS_FILTER_SIZE 512

enum options_action {
  OPTIONS_VIEW,
  OPTIONS_PROBE,
  OPTIONS_HELP,
  OPTIONS_VERSION
};

/* AUTO: full screen on a terminal, else the table. */
enum options_output { OPTIONS_AUTO, OPTIONS_TABLE, OPTIONS_JSON, OPTIONS_CSV };

struct options {
  enum options_action action;
  struct settings settings; /* which probes, their hooks and sizes */
  enum options_output output;
  enum line_form form;           /* of tables */
  enum column sort[PROBE_COUNT]; /* of each table */
  char *filter_text;             /* NULL: all rows */
  regex_t filter;
  unsigned rows_max;
  bool limits_rows; /* the user has given rows_max */
  unsigned count;   /* 0: endless */
  uint64_t interval_ns;
  int verbose;
};

/* 0, or -EINVAL or -ENOMEM after telling on stderr which option is wrong, and
 * how. Call options_fini() in both cases. */
int options_parse(struct options *options, int argc, char **argv);
/* NULL: all rows. */
const regex_t *options_filter(const struct options *options);
void options_fini(struct options *options);

/* Prints the usage to stdout. */
void options_help(void);

#endif
