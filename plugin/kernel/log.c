// SPDX-License-Identifier: MIT
/* Formats messages for the caller's log, and passes libbpf's messages to it. */
#include "kernel/log.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* collectd cuts a message at 1024 bytes. */
#define LINE_SIZE 1024

static const struct log *libbpf_log;
static char first_warning[256];

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

/* A log of the verifier comes as one message of many lines. */
static void log_lines(const struct log *log, char *text) {
  char *rest = NULL;

  for (char *line = strtok_r(text, "\n", &rest); line;
       line = strtok_r(NULL, "\n", &rest))
    log_printf(log, LOG_LEVEL_DEBUG, "%s", line);
}

/* Keeps the first line of a warning, without "libbpf: ". */
static void keep_warning(const char *text) {
  static const char prefix[] = "libbpf: ";

  if (!strncmp(text, prefix, strlen(prefix)))
    text += strlen(prefix);
  snprintf(first_warning, sizeof(first_warning), "%.*s",
           (int)strcspn(text, "\n"), text);
}

const char *log_libbpf_warning(void) {
  return first_warning;
}

void log_libbpf_begin(void) {
  first_warning[0] = '\0';
}

__attribute__((format(printf, 2, 0))) static int
print_libbpf(enum libbpf_print_level level, const char *format, va_list args) {
  char *text = NULL;

  if (!libbpf_log || level == LIBBPF_DEBUG)
    return 0;
  if (vasprintf(&text, format, args) < 0)
    return 0;
  if (level == LIBBPF_WARN && !first_warning[0])
    keep_warning(text);
  log_lines(libbpf_log, text);
  free(text);
  return 0;
}

void log_libbpf(const struct log *log) {
  libbpf_log = log;
  libbpf_set_print(print_libbpf);
}
