// SPDX-License-Identifier: MIT
/* module: what collectd's configuration, start, read and stop make the probes
 * do. The probes are fakes, collectd is one, too. */
#include "fake_collectd.h"

#include "check_main.h"
#include "fake_probes.h"

#include <errno.h>
#include <string.h>
#include <time.h>

void module_register(void);

/* Configuration trees, as collectd's parser makes them. */
#define STRING(name, text)                                                     \
  {                                                                            \
    .key = (char *)(name), .values_num = 1, .values = (oconfig_value_t[]) {    \
      { .type = OCONFIG_TYPE_STRING, .value.string = (char *)(text) }          \
    }                                                                          \
  }
#define NUMBER(name, figure)                                                   \
  {                                                                            \
    .key = (char *)(name), .values_num = 1, .values = (oconfig_value_t[]) {    \
      { .type = OCONFIG_TYPE_NUMBER, .value.number = (figure) }                \
    }                                                                          \
  }
#define BOOLEAN(name, truth)                                                   \
  {                                                                            \
    .key = (char *)(name), .values_num = 1, .values = (oconfig_value_t[]) {    \
      { .type = OCONFIG_TYPE_BOOLEAN, .value.boolean = (truth) }               \
    }                                                                          \
  }
#define PAIR(name, first, second)                                              \
  {                                                                            \
    .key = (char *)(name), .values_num = 2, .values = (oconfig_value_t[]) {    \
      {.type = OCONFIG_TYPE_STRING, .value.string = (char *)(first)},          \
          {.type = OCONFIG_TYPE_STRING, .value.string = (char *)(second)},     \
    }                                                                          \
  }
#define BLOCK(name, ...)                                                       \
  {                                                                            \
    .key = (char *)(name), .children = (oconfig_item_t[]){__VA_ARGS__},        \
    .children_num = (int)(sizeof((oconfig_item_t[]){__VA_ARGS__}) /            \
                          sizeof(oconfig_item_t)),                             \
  }
/* The whole of <Plugin bpfmem>: 0 or what the callback returns. */
#define CONFIG(...)                                                            \
  collectd.config(&(oconfig_item_t)BLOCK("Plugin", __VA_ARGS__))

static void setup(void) {
  fake_collectd_reset();
  fake_probes_reset();
  module_register();
}

static void teardown(void) {
  ck_assert_int_eq(collectd.shutdown(), 0);
  ck_assert_int_eq(faults.opened, faults.closed);
  ck_assert_int_eq(objects.opened, objects.closed);
}

static time_t now_s = 1000003; /* the machine has run for some days */

/* The module's: see tests.mk. */
int fake_clock(clockid_t clock, struct timespec *now) {
  ck_assert_int_eq(clock, CLOCK_MONOTONIC);
  *now = (struct timespec){.tv_sec = now_s};
  return 0;
}

/* Ten seconds after the read before. */
static int read_as(const char *name) {
  now_s += 10;
  fake_collectd_clear();
  for (unsigned i = 0; i < collectd.read_count; i++)
    if (!strcmp(collectd.reads[i].name, name))
      return collectd.reads[i].read(&collectd.reads[i].data);
  ck_abort_msg("no read %s", name);
  return -1;
}

static void check_derives(const char *id, derive_t first, derive_t second) {
  const struct fake_value *value = fake_value(id);

  ck_assert_int_eq(value->values[0].derive, first);
  if (value->count > 1)
    ck_assert_int_eq(value->values[1].derive, second);
}

START_TEST(module_register_loads_nothing) {
  ck_assert(collectd.config && collectd.init && collectd.shutdown);
  ck_assert_uint_eq(collectd.read_count, 0);
  ck_assert_int_eq(faults.opened + objects.opened, 0);
}
END_TEST

START_TEST(module_register_refuses_a_copy) {
  fake_collectd_reset();
  collectd.loaded_as = (char *)"bpfmem2";
  module_register();
  ck_assert(!collectd.config && !collectd.init && !collectd.shutdown);
  ck_assert(fake_has_logged(LOG_ERR, "loaded as \"bpfmem2\""));
  fake_collectd_reset();
  collectd.loaded_as = (char *)"BPFmem";
  module_register();
  ck_assert(collectd.config && collectd.init && collectd.shutdown);
}
END_TEST

START_TEST(init_without_config_starts_both_at_defaults) {
  ck_assert_int_eq(collectd.init(), 0);
  ck_assert_uint_eq(collectd.read_count, 2);
  ck_assert_str_eq(collectd.reads[0].name, "bpfmem-pagefault");
  ck_assert_str_eq(collectd.reads[1].name, "bpfmem-slab");
  ck_assert_int_eq(faults.options.hooks, SETTINGS_HOOKS_AUTO);
  ck_assert_uint_eq(faults.options.max_tracked, 8192);
  ck_assert_uint_eq(faults.options.sample_above, 200000);
  ck_assert_str_eq(collectd.log, "");
}
END_TEST

START_TEST(init_reads_the_kernel_once_for_both_probes) {
  ck_assert_int_eq(collectd.init(), 0);
  ck_assert_ptr_nonnull(faults.options.kernel);
  ck_assert_ptr_eq(faults.options.kernel, objects.options.kernel);
  ck_assert_uint_eq(kernels_forgotten, 1);
}
END_TEST

START_TEST(config_options_reach_the_probes) {
  ck_assert_int_eq(
      CONFIG(STRING("BTF", "/a.btf"),
             BLOCK("PageFaults", STRING("Hooks", "event"),
                   NUMBER("MaxTracked", 1009), NUMBER("SampleAbove", 107)),
             BLOCK("slab", STRING("hooks", "tracepoint"))),
      0);
  ck_assert_int_eq(collectd.init(), 0);
  ck_assert_int_eq(faults.options.hooks, SETTINGS_HOOKS_EVENT);
  ck_assert_uint_eq(faults.options.max_tracked, 1009);
  ck_assert_uint_eq(faults.options.sample_above, 107);
  ck_assert_int_eq(objects.options.hooks, SETTINGS_HOOKS_TRACEPOINT);
  ck_assert_str_eq(faults.btf, "/a.btf");
  ck_assert_str_eq(objects.btf, "/a.btf");
}
END_TEST

static void three_rows(struct fake_probe *fake, const char *const names[3]) {
  for (unsigned i = 0; i < 3; i++) {
    fake_own(&fake->source, i, ROW_ENTITY, names[i]);
    fake_happen(&fake->source, i, 10 * (i + 1), 1);
    fake->source.slots[i].event_size = 64;
  }
}

START_TEST(config_options_shape_the_series) {
  static const char *const files[] = {"/no", "/lib/a", "/lib/b"};
  static const char *const caches[] = {"one", "two", "three"};

  ck_assert_int_eq(
      CONFIG(BLOCK("PageFaults", NUMBER("MaxSeries", 1),
                   STRING("File", "/^\\/lib\\//"),
                   BOOLEAN("IgnoreSelected", false)),
             BLOCK("Slab", STRING("Cache", "two"), NUMBER("MaxSeries", 3),
                   BOOLEAN("IgnoreSelected", true),
                   BOOLEAN("ReportBytes", true)),
             BOOLEAN("ReportStatistics", false)),
      0);
  ck_assert_int_eq(collectd.init(), 0);
  three_rows(&faults, files);
  three_rows(&objects, caches);
  for (int reads = 0; reads < 2; reads++) {
    ck_assert_int_eq(read_as("bpfmem-pagefault"), 0);
    ck_assert_uint_eq(collectd.value_count, 3);
    check_derives("pagefault-anon/ps_pagefaults", 0, 0);
    check_derives("pagefault-lib~b/ps_pagefaults", reads * 30, reads);
    check_derives("pagefault-other/ps_pagefaults", reads * 30, reads * 2);
    ck_assert_int_eq(read_as("bpfmem-slab"), 0);
    ck_assert_uint_eq(collectd.value_count, 3 * 4);
    check_derives("slab-one/operations-alloc", reads * 10, 0);
    check_derives("slab-three/total_bytes-alloc", reads * 30 * 64, 0);
    check_derives("slab-other/operations-alloc", reads * 20, 0);
  }
}
END_TEST

START_TEST(config_groups_are_series) {
  static const char *const files[] = {"/srv/a/1", "/srv/a/2", "/srv/b/1"};

  ck_assert_int_eq(
      CONFIG(BLOCK("PageFaults", PAIR("Group", "/^/srv/(.)/", "index-$1"))), 0);
  ck_assert_int_eq(collectd.init(), 0);
  three_rows(&faults, files);
  for (int reads = 0; reads < 2; reads++)
    ck_assert_int_eq(read_as("bpfmem-pagefault"), 0);
  check_derives("pagefault-index-a/ps_pagefaults", 30, 2);
  check_derives("pagefault-index-b/ps_pagefaults", 30, 1);
}
END_TEST

START_TEST(config_can_leave_probes_out) {
  ck_assert_int_eq(CONFIG(BOOLEAN("CollectSlab", false)), 0);
  ck_assert_int_eq(collectd.init(), 0);
  ck_assert_uint_eq(collectd.read_count, 1);
  ck_assert_str_eq(collectd.reads[0].name, "bpfmem-pagefault");
  ck_assert_int_eq(objects.opened, 0);
}
END_TEST

START_TEST(config_blocks_add_up) {
  oconfig_item_t empty = {.key = (char *)"Plugin"};

  ck_assert_int_eq(CONFIG(BLOCK("PageFaults", NUMBER("MaxTracked", 127))), 0);
  ck_assert_int_eq(collectd.config(&empty), 0);
  ck_assert_int_eq(CONFIG(BLOCK("PageFaults", STRING("Hooks", "fexit"))), 0);
  ck_assert_int_eq(collectd.init(), 0);
  ck_assert_uint_eq(faults.options.max_tracked, 127);
  ck_assert_int_eq(faults.options.hooks, SETTINGS_HOOKS_FEXIT);
}
END_TEST

START_TEST(config_option_without_effect_is_warned_of_and_accepted) {
  /* 4: LOG_WARNING. */
  const char *warning =
      "4 bpfmem plugin: option RecoverMissed in <Slab> has no effect any more "
      "and will be refused in 0.3: remove it.\n";

  ck_assert_int_eq(CONFIG(BLOCK("Slab", BOOLEAN("RecoverMissed", true))), 0);
  ck_assert_str_eq(collectd.log, warning);
  ck_assert_int_eq(collectd.init(), 0);
  ck_assert_uint_eq(collectd.read_count, 2);
}
END_TEST

START_TEST(config_directory_as_a_file_is_warned_of) {
  ck_assert_int_eq(CONFIG(BLOCK("PageFaults", STRING("File", "/usr/lib"))), 0);
  ck_assert(fake_has_logged(LOG_WARNING, "\"/usr/lib\" is a directory"));
  fake_collectd_clear();
  ck_assert_int_eq(CONFIG(BLOCK("PageFaults", STRING("File", "/usr/lib/"))),
                   0); /* an expression */
  ck_assert_str_eq(collectd.log, "");
}
END_TEST

/* Each in turn is refused with a message that contains the text. */
START_TEST(config_refuses_and_says_what) {
  oconfig_item_t no_value = {.key = (char *)"CollectSlab"};
  oconfig_item_t two_values = {
      .key = (char *)"CollectSlab",
      .values = (oconfig_value_t[]){{.type = OCONFIG_TYPE_BOOLEAN},
                                    {.type = OCONFIG_TYPE_BOOLEAN}},
      .values_num = 2};
  oconfig_value_t mixed_values[] = {
      {.type = OCONFIG_TYPE_STRING, .value.string = (char *)"/x/"},
      {.type = OCONFIG_TYPE_NUMBER, .value.number = 1}};
  oconfig_item_t argument = STRING("Slab", "fast");
  const struct {
    oconfig_item_t item;
    const char *text;
  } rows[] = {
      {BOOLEAN("CollectSlabs", true), "\"CollectSlabs\""},
      {BLOCK("Slap", BOOLEAN("ReportBytes", true)), "unknown block <Slap>; "},
      {BLOCK("Slab", BOOLEAN("ReportBites", true)),
       "\"ReportBites\" in <Slab>"},
      {BLOCK("Slab", NUMBER("MaxTracked", 100)), "\"MaxTracked\" in <Slab>"},
      {BLOCK("Slab", STRING("MaxSeries", "many")),
       "option MaxSeries in <Slab>: \"many\""},
      {BLOCK("Slab", NUMBER("MaxSeries", 0.5)),
       "option MaxSeries in <Slab>: 0.5"},
      {BLOCK("Slab", NUMBER("ReportBytes", 1)),
       "option ReportBytes in <Slab>: 1"},
      {BLOCK("Slab", STRING("Hooks", "fentry")),
       "option Hooks in <Slab>: \"fentry\""},
      {BLOCK("Slab", BOOLEAN("Cache", true)), "option Cache in <Slab>: true"},
      {BLOCK("PageFaults", STRING("File", "/(/")),
       "option File in <PageFaults>: \"/(/\""},
      {BLOCK("PageFaults", BLOCK("Slab", NUMBER("MaxSeries", 3))),
       "unknown block <Slab> in <PageFaults>"},
      {BLOCK("CollectSlab", NUMBER("MaxSeries", 3)), "CollectSlab"},
      {BLOCK("PageFaults", STRING("Group", "/x/")),
       "option Group in <PageFaults> takes two strings: "},
      {BLOCK("PageFaults",
             {.key = (char *)"Group", .values = mixed_values, .values_num = 2}),
       "option Group in <PageFaults> takes two strings: "},
      {BLOCK("PageFaults", PAIR("Group", "/x/", "other")),
       "option Group in <PageFaults>: \"other\""},
      {BLOCK("PageFaults", PAIR("File", "/x", "/y")),
       "option File in <PageFaults> takes exactly one value"},
      {no_value, "CollectSlab takes exactly one value"},
      {two_values, "CollectSlab takes exactly one value"},
      {argument, "<Slab> takes no argument"},
  };

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    fake_collectd_clear();
    ck_assert_int_ne(CONFIG(rows[i].item), 0);
    ck_assert_msg(fake_has_logged(LOG_ERR, rows[i].text), "%s is not in: %s",
                  rows[i].text, collectd.log);
    ck_assert_ptr_nonnull(strstr(collectd.log, "bpfmem plugin: "));
  }
}
END_TEST

START_TEST(init_one_failing_probe_leaves_the_other) {
  faults.open_error = -EPERM;
  ck_assert_int_eq(collectd.init(), 0);
  ck_assert_uint_eq(collectd.read_count, 1);
  ck_assert_int_eq(read_as("bpfmem-slab"), 0);
  ck_assert_int_eq(objects.opened, 1);
}
END_TEST

START_TEST(init_without_any_probe_fails_with_nothing_registered) {
  faults.open_error = objects.open_error = -EPERM;
  ck_assert_int_ne(collectd.init(), 0);
  ck_assert_uint_eq(collectd.read_count, 0);
  ck_assert(fake_has_logged(LOG_ERR, "bpfmem plugin: cause and remedy"));
}
END_TEST

START_TEST(init_with_nothing_wanted_warns) {
  ck_assert_int_eq(
      CONFIG(BOOLEAN("CollectPageFaults", false), STRING("CollectSlab", "no")),
      0);
  ck_assert_int_eq(collectd.init(), 0);
  ck_assert_uint_eq(collectd.read_count, 0);
  ck_assert(fake_has_logged(LOG_WARNING, "nothing to do"));
}
END_TEST

START_TEST(init_refused_read_closes_the_probe) {
  collectd.read_error = EINVAL;
  ck_assert_int_ne(collectd.init(), 0);
  ck_assert_int_eq(faults.closed, 1);
  ck_assert_int_eq(objects.closed, 1);
  ck_assert(fake_has_logged(LOG_ERR, strerror(EINVAL)));
}
END_TEST

START_TEST(read_sends_rows_and_statistics_of_one_time) {
  fake_own(&faults.source, 5, ROW_ENTITY, "/usr/bin/true");
  ck_assert_int_eq(collectd.init(), 0);
  ck_assert_int_eq(read_as("bpfmem-pagefault"), 0);
  fake_happen(&faults.source, 5, 7, 11);
  ck_assert_int_eq(read_as("bpfmem-pagefault"), 0);
  check_derives("pagefault-usr~bin~true/ps_pagefaults", 0, 0);
  ck_assert_int_eq(read_as("bpfmem-pagefault"), 0);
  check_derives("pagefault-usr~bin~true/ps_pagefaults", 7, 11);
  check_derives("bpfmem-pagefault/derive-events_missed", 3, 0);
  ck_assert_double_lt(
      fake_value("bpfmem-pagefault/gauge-read_seconds")->values[0].gauge, 5);
  ck_assert(fake_has_value("bpfmem-pagefault/derive-names_refused"));
  for (unsigned i = 1; i < collectd.value_count; i++)
    ck_assert_uint_eq(collectd.values[i].time, collectd.values[0].time);
}
END_TEST

START_TEST(read_tells_once_which_pattern_has_matched_nothing) {
  const char *warning = "option Cache in <Slab>: \"dentries\" has matched "
                        "nothing in the first 30 reads; ";

  ck_assert_int_eq(CONFIG(BLOCK("Slab", STRING("Cache", "dentries"),
                                STRING("Cache", "dentry"))),
                   0);
  ck_assert_int_eq(collectd.init(), 0);
  fake_own(&objects.source, 0, ROW_ENTITY, "dentry");
  for (int i = 1; i <= 30; i++) {
    ck_assert_msg(!fake_has_logged(LOG_WARNING, warning), "read %d", i);
    ck_assert_int_eq(read_as("bpfmem-slab"), 0);
  }
  ck_assert(fake_has_logged(LOG_WARNING, warning));
  ck_assert(!strstr(collectd.log, "\"dentry\""));
  fake_collectd_clear();
  ck_assert_int_eq(read_as("bpfmem-slab"), 0);
  ck_assert_str_eq(collectd.log, "");
}
END_TEST

START_TEST(read_tells_once_which_group_has_no_member) {
  const char *warning =
      "option Group in <PageFaults>: \"/^/srv//\" has matched "
      "nothing in the first 30 reads; ";

  ck_assert_int_eq(CONFIG(BLOCK("PageFaults", PAIR("Group", "/^/srv//", "srv"),
                                PAIR("Group", "/^/opt//", "opt"))),
                   0);
  ck_assert_int_eq(collectd.init(), 0);
  fake_own(&faults.source, 0, ROW_ENTITY, "/opt/x");
  for (int i = 1; i <= 30; i++) {
    ck_assert_str_eq(collectd.log, "");
    ck_assert_int_eq(read_as("bpfmem-pagefault"), 0);
  }
  ck_assert(fake_has_logged(LOG_WARNING, warning));
  ck_assert(!strstr(collectd.log, "/opt/"));
}
END_TEST

/* With one place there are 16 names for a day. */
START_TEST(read_tells_once_a_day_that_names_were_refused) {
  static char names[30][8];
  int warned = 0;

  ck_assert_int_eq(CONFIG(BLOCK("Slab", NUMBER("MaxSeries", 1))), 0);
  ck_assert_int_eq(collectd.init(), 0);
  for (unsigned i = 0; i < 30; i++) {
    snprintf(names[i], sizeof(names[i]), "c%u", i);
    fake_own(&objects.source, i, ROW_ENTITY, names[i]);
    fake_happen(&objects.source, i, 1000, 0);
    for (int read = 0; read < 20; read++) {
      ck_assert_int_eq(read_as("bpfmem-slab"), 0);
      warned += fake_has_logged(
          LOG_WARNING,
          "slab: new names were refused (1 times so far), as those of a "
          "day are spent; what they count is in slab-other; ");
    }
    ck_assert_int_eq(warned, i >= 16);
  }
}
END_TEST

START_TEST(read_failure_is_said_and_loses_nothing) {
  ck_assert_int_eq(collectd.init(), 0);
  fake_own(&objects.source, 0, ROW_ENTITY, "dentry");
  ck_assert_int_eq(read_as("bpfmem-slab"), 0);
  fake_happen(&objects.source, 0, 13, 0);
  ck_assert_int_eq(read_as("bpfmem-slab"), 0);
  fake_happen(&objects.source, 0, 4, 0);
  objects.source.fail_after = 3;
  ck_assert_int_ne(read_as("bpfmem-slab"), 0);
  ck_assert_uint_eq(collectd.value_count, 0);
  ck_assert(fake_has_logged(LOG_ERR, "bpfmem plugin: slab: reading failed: "));
  objects.source.fail_after = -1;
  ck_assert_int_eq(read_as("bpfmem-slab"), 0);
  ck_assert(fake_has_logged(LOG_INFO, "reading works again"));
  check_derives("slab-dentry/operations-alloc", 17, 0);
}
END_TEST

START_TEST(shutdown_is_harmless_at_any_time) {
  ck_assert_int_eq(collectd.shutdown(), 0);
  ck_assert_int_eq(collectd.init(), 0);
  ck_assert_int_eq(collectd.shutdown(), 0);
  ck_assert_int_eq(faults.closed + objects.closed, 2);
  ck_assert_int_eq(collectd.shutdown(), 0);
  ck_assert_int_eq(faults.closed + objects.closed, 2);
  collectd.read_count = 0;
  ck_assert_int_eq(collectd.init(), 0);
  ck_assert_int_eq(read_as("bpfmem-slab"), 0);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      module_register_loads_nothing,
      module_register_refuses_a_copy,
      init_without_config_starts_both_at_defaults,
      init_reads_the_kernel_once_for_both_probes,
      config_options_reach_the_probes,
      config_options_shape_the_series,
      config_groups_are_series,
      config_can_leave_probes_out,
      config_blocks_add_up,
      config_option_without_effect_is_warned_of_and_accepted,
      config_directory_as_a_file_is_warned_of,
      config_refuses_and_says_what,
      init_one_failing_probe_leaves_the_other,
      init_without_any_probe_fails_with_nothing_registered,
      init_with_nothing_wanted_warns,
      init_refused_read_closes_the_probe,
      read_sends_rows_and_statistics_of_one_time,
      read_tells_once_which_pattern_has_matched_nothing,
      read_tells_once_which_group_has_no_member,
      read_tells_once_a_day_that_names_were_refused,
      read_failure_is_said_and_loses_nothing,
      shutdown_is_harmless_at_any_time,
  };

  return suite_with("module", setup, teardown, tests, ARRAY_SIZE(tests));
}
