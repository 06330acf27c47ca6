// SPDX-License-Identifier: MIT
/* dispatch: names, types and values of what goes out to collectd. */
#include "fake_collectd.h"

#include "dispatch.h"

#include "check_main.h"

#include <string.h>

static struct dispatch dispatch;

static void setup(void) {
  fake_collectd_reset();
  dispatch = (struct dispatch){.form = DISPATCH_FAULTS, .instance = "slab"};
  dispatch.time = cdtime();
}

static void send_row(const char *label, bool fresh,
                     const struct row_counts *total) {
  static const struct row_counts before = {.events = {2, 3}, .bytes = {5, 7}};

  dispatch_row(&dispatch, &(struct sampler_row){.label = label,
                                                .fresh = fresh,
                                                .before = &before,
                                                .total = total});
}

static void check_derive(const char *id, derive_t expected) {
  ck_assert_int_eq(fake_value(id)->values[0].derive, expected);
}

START_TEST(dispatch_row_faults_are_one_value_of_two_sources) {
  const struct row_counts total = {
      .events = {[ROW_MINOR] = 5, [ROW_MAJOR] = 7}};
  const struct fake_value *value;

  send_row("usr~lib~libc.so.6", false, &total);
  ck_assert_uint_eq(collectd.value_count, 1);
  value = fake_value("pagefault-usr~lib~libc.so.6/ps_pagefaults");
  ck_assert_int_eq(value->values[0].derive, 5);
  ck_assert_int_eq(value->values[1].derive, 7);
}
END_TEST

START_TEST(dispatch_row_objects_are_a_value_for_each_event) {
  const struct row_counts total = {
      .events = {[ROW_ALLOC] = 11, [ROW_FREE] = 13}, .bytes = {17, 19}};

  dispatch.form = DISPATCH_OBJECTS;
  send_row("dentry", false, &total);
  ck_assert_uint_eq(collectd.value_count, 2);
  check_derive("slab-dentry/operations-alloc", 11);
  check_derive("slab-dentry/operations-free", 13);
}
END_TEST

START_TEST(dispatch_row_reports_bytes_beside_objects) {
  const struct row_counts total = {
      .events = {[ROW_ALLOC] = 11, [ROW_FREE] = 13}, .bytes = {17, 19}};

  dispatch.form = DISPATCH_OBJECTS;
  dispatch.report_bytes = true;
  send_row("dentry", false, &total);
  ck_assert_uint_eq(collectd.value_count, 4);
  check_derive("slab-dentry/operations-alloc", 11);
  check_derive("slab-dentry/operations-free", 13);
  check_derive("slab-dentry/total_bytes-alloc", 17);
  check_derive("slab-dentry/total_bytes-free", 19);
}
END_TEST

/* The first value after a pause has no rate: what it holds would be lost. */
START_TEST(dispatch_row_fresh_sends_what_was_before) {
  const struct row_counts total = {.events = {23, 29}, .bytes = {31, 37}};

  dispatch.form = DISPATCH_OBJECTS;
  dispatch.report_bytes = true;
  send_row("dentry", true, &total);
  check_derive("slab-dentry/operations-alloc", 2);
  check_derive("slab-dentry/operations-free", 3);
  check_derive("slab-dentry/total_bytes-alloc", 5);
  check_derive("slab-dentry/total_bytes-free", 7);
  fake_collectd_clear();
  send_row("dentry", false, &total);
  check_derive("slab-dentry/operations-alloc", 23);
  check_derive("slab-dentry/operations-free", 29);
  check_derive("slab-dentry/total_bytes-alloc", 31);
  check_derive("slab-dentry/total_bytes-free", 37);
}
END_TEST

static unsigned send_stalled(bool fresh, uint64_t before_ns,
                             uint64_t total_ns) {
  const struct row_counts before = {.stalled_ns = before_ns};
  const struct row_counts total = {.stalled_ns = total_ns};

  fake_collectd_clear();
  dispatch_row(&dispatch, &(struct sampler_row){.label = "a",
                                                .fresh = fresh,
                                                .before = &before,
                                                .total = &total});
  return collectd.value_count;
}

/* Most files have none; the first value of a series is what it had before. */
START_TEST(dispatch_row_stalled_is_there_with_the_first_wait) {
  const char series[] = "pagefault-a/total_time_in_ms-stalled";

  ck_assert_uint_eq(send_stalled(false, 0, 0), 1);
  ck_assert_uint_eq(send_stalled(false, 0, 5000000), 2);
  check_derive(series, 0);
  ck_assert_uint_eq(send_stalled(false, 5000000, 12999999), 2);
  check_derive(series, 12);
  ck_assert_uint_eq(send_stalled(true, 12999999, 20000000), 2);
  check_derive(series, 12);
  ck_assert_uint_eq(send_stalled(false, 20000000, 20000000), 2);
  check_derive(series, 20);
}
END_TEST

START_TEST(dispatch_values_of_one_read_have_one_time) {
  static const struct row_counts total;
  const struct source_stat stat = {"figure", false, 1};

  send_row("a", false, &total);
  dispatch.form = DISPATCH_OBJECTS;
  send_row("b", true, &total);
  dispatch_stat(&dispatch, &stat);
  ck_assert_uint_eq(collectd.value_count, 4);
  for (unsigned i = 0; i < collectd.value_count; i++)
    ck_assert_uint_eq(collectd.values[i].time, dispatch.time);
  ck_assert_uint_ge(dispatch.time, TIME_T_TO_CDTIME_T(1000000007));
  dispatch.time = cdtime();
  send_row("a", false, &total);
  ck_assert_uint_gt(collectd.values[4].time, collectd.values[0].time);
}
END_TEST

/* The fake fails the test when a label would be cut. */
START_TEST(dispatch_row_longest_label_fits) {
  static const struct row_counts total;
  char label[LABEL_SIZE];

  ck_assert_uint_eq(LABEL_SIZE, DATA_MAX_NAME_LEN);
  memset(label, 'x', LABEL_SIZE - 1);
  label[LABEL_SIZE - 1] = '\0';
  send_row(label, false, &total);
  ck_assert_uint_eq(collectd.value_count, 1);
  ck_assert_uint_eq(strlen(collectd.values[0].id),
                    strlen("pagefault-/ps_pagefaults") + LABEL_SIZE - 1);
}
END_TEST

/* A double holds every count up to 2^53; a DERIVE gets all of it. */
START_TEST(dispatch_stat_is_derive_or_gauge) {
  const struct source_stat events = {"events_missed", true, 9007199254740881.0};
  const struct source_stat level = {"read_seconds", false, 0.125};

  dispatch_stat(&dispatch, &events);
  dispatch_stat(&dispatch, &level);
  ck_assert_uint_eq(collectd.value_count, 2);
  check_derive("bpfmem-slab/derive-events_missed", 9007199254740881);
  ck_assert_double_eq(
      fake_value("bpfmem-slab/gauge-read_seconds")->values[0].gauge, 0.125);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      dispatch_row_faults_are_one_value_of_two_sources,
      dispatch_row_objects_are_a_value_for_each_event,
      dispatch_row_reports_bytes_beside_objects,
      dispatch_row_fresh_sends_what_was_before,
      dispatch_row_stalled_is_there_with_the_first_wait,
      dispatch_values_of_one_read_have_one_time,
      dispatch_row_longest_label_fits,
      dispatch_stat_is_derive_or_gauge,
  };

  return suite_with("dispatch", setup, NULL, tests, ARRAY_SIZE(tests));
}
