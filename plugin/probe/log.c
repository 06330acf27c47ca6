// SPDX-License-Identifier: MIT
/* Formats messages for the caller's log and bridges libbpf to it. */
#include "log.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* collectd cuts a message at 1024 bytes. */
#define LINE_SIZE 1024

static const struct log *libbpf_log;

void log_printf(const struct log *log, enum log_level level, const char *format,
                ...) {
  char line[LINE_SIZE];
  va_list args;

  if (!log || !log->write)
    return;
  va_start(args, format);
  vsnprintf(line, sizeof(line), format, args);
  va_end(args);
  log->write(log->arg, level, line);
}

/* A verifier's log comes as one message of many lines. */
static void log_lines(const struct log *log, char *text) {
  char *rest = NULL;

  for (char *line = strtok_r(text, "\n", &rest); line;
       line = strtok_r(NULL, "\n", &rest))
    log_printf(log, LOG_LEVEL_DEBUG, "%s", line);
}

__attribute__((format(printf, 2, 0))) static int
print_libbpf(enum libbpf_print_level level, const char *format, va_list args) {
  char *text = NULL;

  if (!libbpf_log || level == LIBBPF_DEBUG)
    return 0;
  if (vasprintf(&text, format, args) >= 0)
    log_lines(libbpf_log, text);
  free(text);
  return 0;
}

void log_libbpf(const struct log *log) {
  libbpf_log = log;
  libbpf_set_print(print_libbpf);
}
