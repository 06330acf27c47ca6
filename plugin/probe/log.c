// SPDX-License-Identifier: MIT
/* Formats messages for the caller's log and bridges libbpf to it. */
#include "log.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* collectd cuts a message at 1024 bytes. */
#define LINE_SIZE 1024

static const struct log *libbpf_log;

static void log_vprintf(const struct log *log, enum log_level level,
                        const char *format, va_list args) {
  char line[LINE_SIZE];

  if (!log || !log->write)
    return;
  vsnprintf(line, sizeof(line), format, args);
  line[strcspn(line, "\n")] = '\0';
  if (line[0])
    log->write(log->arg, level, line);
}

void log_printf(const struct log *log, enum log_level level, const char *format,
                ...) {
  va_list args;

  va_start(args, format);
  log_vprintf(log, level, format, args);
  va_end(args);
}

static int print_libbpf(enum libbpf_print_level level, const char *format,
                        va_list args) {
  if (level != LIBBPF_DEBUG)
    log_vprintf(libbpf_log, LOG_LEVEL_DEBUG, format, args);
  return 0;
}

void log_libbpf(const struct log *log) {
  libbpf_log = log;
  libbpf_set_print(print_libbpf);
}
