/* SPDX-License-Identifier: MIT */
/* What writes to a log in a fake of collectd's API, and its snprintf(). Include
 * it in one file of a program, which says in log_line() what becomes of a line.
 */
#ifndef BPFMEM_FAKE_LOG_H
#define BPFMEM_FAKE_LOG_H

#include "collectd.h"

#include "plugin.h"
#include "utils/common/common.h"
#include "utils_complain.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 2, 0))) static void
log_line(int level, const char *format, va_list args);

void plugin_log(int level, const char *format, ...) {
  va_list args;

  va_start(args, format);
  log_line(level, format, args);
  va_end(args);
}

void c_complain(int level, c_complain_t *c, const char *format, ...) {
  va_list args;

  if (c->interval)
    return; /* said lately */
  c->interval = 1;
  va_start(args, format);
  log_line(level, format, args);
  va_end(args);
}

void c_do_release(int level, c_complain_t *c, const char *format, ...) {
  va_list args;

  c->interval = 0;
  va_start(args, format);
  log_line(level, format, args);
  va_end(args);
}

int ssnprintf(char *out, size_t size, const char *format, ...) {
  va_list args;
  int length;

  va_start(args, format);
  length = vsnprintf(out, size, format, args);
  va_end(args);
  return length;
}

#endif
