/* SPDX-License-Identifier: MIT */
/* A sampler over a fake source, and the rows that its last read sank. */
#ifndef BPFMEM_SAMPLED_ROWS_H
#define BPFMEM_SAMPLED_ROWS_H

#include "core/sampler.h"

#include "check_main.h"
#include "fake_source.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ROWS_MAX 16

static const char *const classes[] = {"anon", "other", "shmem", NULL};

static struct fake_source fake;
static struct settings settings;
static struct sampler *sampler;
static uint64_t now_ns;

/* What the last read sank. */
static struct {
  char label[LABEL_SIZE];
  enum row_kind kind;
  bool fresh;
  struct row_counts before, total;
  bool is_held;
  struct source_held held;
} rows[ROWS_MAX];
static unsigned row_count;

static void sink(void *arg, const struct sampler_row *row) {
  ck_assert_ptr_eq(arg, rows);
  ck_assert_uint_lt(row_count, ROWS_MAX);
  if (row_count)
    ck_assert_str_lt(rows[row_count - 1].label, row->label);
  snprintf(rows[row_count].label, LABEL_SIZE, "%s", row->label);
  rows[row_count].kind = row->kind;
  rows[row_count].fresh = row->fresh;
  rows[row_count].is_held = row->held;
  if (row->held)
    rows[row_count].held = row->held->now;
  rows[row_count].before = *row->before;
  rows[row_count++].total = *row->total;
}

static int read_rows(void) {
  row_count = 0;
  now_ns += UINT64_C(10000000000);
  return sampler_read(sampler, now_ns, sink, rows);
}

static void setup(void) {
  ck_assert_int_eq(settings_init(&settings), 0);
  fake_init(&fake);
}

static void start(unsigned max_series) {
  const struct source source = fake_source(&fake);

  settings.slab.max_series = max_series;
  sampler = sampler_new(&source, &settings.slab, classes, &fake_orders);
  ck_assert_ptr_nonnull(sampler);
}

static void teardown(void) {
  sampler_free(sampler);
  sampler = NULL;
  settings_fini(&settings);
}

static void own(unsigned slot, enum row_kind kind, const char *name) {
  fake_own(&fake, slot, kind, name);
}

static void happen(unsigned slot, uint64_t first, uint64_t second) {
  fake_happen(&fake, slot, first, second);
}

/* "anon=0+0 other=3+5 ...": all rows of the last read; '!' marks fresh ones. */
static inline const char *sunk(void) {
  static char text[1024];
  size_t length = 0;

  text[0] = '\0';
  for (unsigned i = 0; i < row_count; i++)
    length += snprintf(
        text + length, sizeof(text) - length, "%s%s%s=%" PRIu64 "+%" PRIu64,
        i ? " " : "", rows[i].label, rows[i].fresh ? "!" : "",
        rows[i].total.events[ROW_FIRST], rows[i].total.events[ROW_SECOND]);
  return text;
}

static void expect_read(const char *expected) {
  ck_assert_int_eq(read_rows(), 0);
  ck_assert_str_eq(sunk(), expected);
}

#endif
