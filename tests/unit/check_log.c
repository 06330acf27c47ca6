// SPDX-License-Identifier: MIT
/* log: lines for the caller's log, and what libbpf says. */
#include "kernel/log.h"

#include "check_main.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What was written: "LEVEL TEXT|" for each line. */
static char written[4096];

static void write_line(void *arg, enum log_level level, const char *text) {
  size_t used = strlen(written);

  ck_assert_ptr_eq(arg, written);
  snprintf(written + used, sizeof(written) - used, "%d %s|", level, text);
}

static const struct log log_here = {.write = write_line, .arg = written};

static libbpf_print_fn_t print; /* of log_libbpf() */

static void setup(void) {
  log_libbpf(&log_here);
  print = libbpf_set_print(NULL);
  written[0] = '\0';
  log_libbpf_begin();
}

static void teardown(void) {
  log_libbpf(NULL);
}

__attribute__((format(printf, 2, 3))) static void
libbpf_says(enum libbpf_print_level level, const char *format, ...) {
  va_list args;

  va_start(args, format);
  print(level, format, args);
  va_end(args);
}

START_TEST(log_printf_writes_a_line) {
  log_printf(&log_here, LOG_LEVEL_WARNING, "%d of %s", 7, "nine");
  ck_assert_str_eq(written, "1 7 of nine|");
  log_printf(NULL, LOG_LEVEL_ERROR, "nobody");
  log_printf(&(struct log){0}, LOG_LEVEL_ERROR, "nobody");
  ck_assert_str_eq(written, "1 7 of nine|");
}
END_TEST

/* collectd would cut it. */
START_TEST(log_printf_cuts_what_is_too_long) {
  char text[1500];

  memset(text, 'x', sizeof(text));
  text[sizeof(text) - 1] = '\0';
  log_printf(&log_here, LOG_LEVEL_ERROR, "%s", text);
  ck_assert_uint_eq(strlen(written), strlen("0 ") + 1023 + strlen("|"));
}
END_TEST

/* A verifier's log comes as one message. */
START_TEST(log_libbpf_passes_lines_on_for_debugging) {
  libbpf_says(LIBBPF_INFO, "libbpf: %s\n\nthird\n", "first");
  libbpf_says(LIBBPF_DEBUG, "libbpf: not this\n");
  ck_assert_str_eq(written, "3 libbpf: first|3 third|");
  ck_assert_str_eq(log_libbpf_warning(), "");
}
END_TEST

START_TEST(log_libbpf_keeps_the_first_warning) {
  libbpf_says(LIBBPF_INFO, "libbpf: information\n");
  libbpf_says(LIBBPF_WARN, "libbpf: map '%s': failed\nmore\n", "pf_files");
  libbpf_says(LIBBPF_WARN, "libbpf: what follows from it\n");
  ck_assert_str_eq(log_libbpf_warning(), "map 'pf_files': failed");
  log_libbpf_begin();
  ck_assert_str_eq(log_libbpf_warning(), "");
  libbpf_says(LIBBPF_WARN, "without a prefix");
  ck_assert_str_eq(log_libbpf_warning(), "without a prefix");
}
END_TEST

START_TEST(log_libbpf_of_nobody_is_silent) {
  log_libbpf(NULL);
  libbpf_says(LIBBPF_WARN, "libbpf: nobody hears\n");
  ck_assert_str_eq(written, "");
  ck_assert_str_eq(log_libbpf_warning(), "");
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      log_printf_writes_a_line,
      log_printf_cuts_what_is_too_long,
      log_libbpf_passes_lines_on_for_debugging,
      log_libbpf_keeps_the_first_warning,
      log_libbpf_of_nobody_is_silent,
  };

  return suite_with("log", setup, teardown, tests, ARRAY_SIZE(tests));
}
