// SPDX-License-Identifier: MIT
/* sampler: what is counted comes out once, in some row, whatever happens. */
#include "core/orders.h"

#include "sampled_rows.h"

START_TEST(sampler_read_without_events_sinks_zero_classes) {
  start(20);
  expect_read("anon!=0+0 other!=0+0 shmem!=0+0");
  expect_read("anon=0+0 other=0+0 shmem=0+0");
  ck_assert_int_eq(rows[1].kind, ROW_CLASS);
}
END_TEST

START_TEST(sampler_read_entities_and_classes_get_their_own) {
  start(20);
  own(0, ROW_ENTITY, "/bin/sh");
  own(1, ROW_CLASS, "anon");
  own(2, ROW_ENTITY, "/bin/sh");
  happen(0, 5, 3);
  happen(1, 7, 0);
  happen(2, 11, 2);
  expect_read("anon!=7+0 bin~sh!=16+5 other!=0+0 shmem!=0+0");
  happen(0, 1, 0);
  expect_read("anon=7+0 bin~sh=17+5 other=0+0 shmem=0+0");
  expect_read("anon=7+0 bin~sh=17+5 other=0+0 shmem=0+0");
}
END_TEST

START_TEST(sampler_read_classes_sort_among_entities) {
  start(20);
  own(0, ROW_ENTITY, "/a");
  own(1, ROW_ENTITY, "/n");
  own(2, ROW_ENTITY, "/z");
  for (unsigned i = 0; i < 3; i++)
    happen(i, 1, 0);
  expect_read("a!=1+0 anon!=0+0 n!=1+0 other!=0+0 shmem!=0+0 z!=1+0");
}
END_TEST

START_TEST(sampler_read_rejected_name_counts_as_other) {
  char err[128];

  ck_assert_int_eq(filter_add(settings.slab.filter, FILTER_WORDS,
                              "/^\\/usr\\//", err, sizeof(err)),
                   0);
  start(20);
  own(0, ROW_ENTITY, "/bin/sh");
  own(1, ROW_ENTITY, "/usr/x");
  own(2, ROW_CLASS, "anon");
  happen(0, 3, 1);
  happen(1, 5, 0);
  happen(2, 7, 0);
  expect_read("anon!=7+0 other!=3+1 shmem!=0+0 usr~x!=5+0");
}
END_TEST

START_TEST(sampler_read_entity_named_as_class_is_apart) {
  start(20);
  own(0, ROW_ENTITY, "/other");
  own(1, ROW_CLASS, "other");
  happen(0, 3, 0);
  happen(1, 5, 0);
  ck_assert_int_eq(read_rows(), 0);
  ck_assert_uint_eq(row_count, 4);
  ck_assert_str_eq(rows[1].label, "other");
  ck_assert_uint_eq(rows[1].total.events[ROW_FIRST], 5);
  ck_assert_int_eq(strncmp(rows[2].label, "other@", 6), 0);
  ck_assert_uint_eq(rows[2].total.events[ROW_FIRST], 3);
}
END_TEST

START_TEST(sampler_read_unknown_class_counts_as_other) {
  start(20);
  own(0, ROW_ENTITY, "/heap");
  own(1, ROW_CLASS, "heap");
  happen(0, 2, 0);
  happen(1, 3, 0);
  expect_read("anon!=0+0 heap!=2+0 other!=3+0 shmem!=0+0");
}
END_TEST

START_TEST(sampler_read_name_is_looked_at_once_per_owner) {
  start(20);
  own(0, ROW_ENTITY, "/a");
  happen(0, 2, 0);
  expect_read("a!=2+0 anon!=0+0 other!=0+0 shmem!=0+0");
  fake.slots[0].name = "/renamed";
  happen(0, 3, 0);
  expect_read("a=5+0 anon=0+0 other=0+0 shmem=0+0");
}
END_TEST

START_TEST(sampler_read_zero_series_sums_in_other) {
  start(0);
  own(0, ROW_ENTITY, "/a");
  own(1, ROW_ENTITY, "/b");
  happen(0, 3, 0);
  happen(1, 5, 7);
  expect_read("anon!=0+0 other!=8+7 shmem!=0+0");
}
END_TEST

START_TEST(sampler_read_displaced_entry_returns_no_lower) {
  start(1);
  own(0, ROW_ENTITY, "/a");
  own(1, ROW_ENTITY, "/b");
  happen(0, 101, 0);
  expect_read("a!=101+0 anon!=0+0 other!=0+0 shmem!=0+0");
  happen(1, 13, 0);
  expect_read("a=101+0 anon=0+0 other=13+0 shmem=0+0");
  ck_assert_int_eq(read_rows(), 0);
  happen(1, 1009, 0);
  expect_read("anon=0+0 b!=1009+0 other=13+0 shmem=0+0");
  /* Slot 0 is recycled: only rank holds /a now. */
  own(0, ROW_CLASS, "anon");
  for (int i = 0; i < 19; i++)
    ck_assert_int_eq(read_rows(), 0);
  own(2, ROW_ENTITY, "/a");
  happen(2, 17, 0);
  expect_read("a!=118+0 anon=0+0 other=13+0 shmem=0+0");
  ck_assert_uint_eq(rows[0].before.events[ROW_FIRST], 101);
}
END_TEST

START_TEST(sampler_read_bytes_follow_event_size) {
  start(20);
  own(0, ROW_ENTITY, "dentry");
  fake.slots[0].event_size = 192;
  happen(0, 7, 3);
  ck_assert_int_eq(read_rows(), 0);
  ck_assert_str_eq(rows[1].label, "dentry");
  ck_assert_uint_eq(rows[1].total.bytes[ROW_ALLOC], 7 * 192);
  ck_assert_uint_eq(rows[1].total.bytes[ROW_FREE], 3 * 192);
}
END_TEST

START_TEST(sampler_read_jump_beyond_32_bits_is_whole) {
  start(1);
  own(0, ROW_ENTITY, "/shown");
  own(1, ROW_ENTITY, "/summed");
  happen(0, 2000, 1);
  expect_read("anon!=0+0 other!=0+0 shmem!=0+0 shown!=2000+1");
  happen(0, (UINT64_C(1) << 31) + 5, 0);
  happen(1, 0, UINT64_C(1) << 32);
  expect_read("anon=0+0 other=0+4294967296 shmem=0+0 shown=2147485653+1");
  ck_assert_uint_eq(rows[3].before.events[ROW_FIRST], 2000);
  happen(0, 0, UINT64_C(1) << 40);
  expect_read("anon=0+0 other=0+4294967296 shmem=0+0 "
              "shown=2147485653+1099511627777");
}
END_TEST

START_TEST(sampler_read_failed_harvest_is_made_up_for) {
  start(20);
  own(0, ROW_ENTITY, "/a");
  own(1, ROW_ENTITY, "/b");
  happen(0, 3, 0);
  happen(1, 5, 0);
  fake.fail_after = 1;
  for (int i = 0; i < 3; i++) {
    ck_assert_int_eq(read_rows(), -EIO);
    ck_assert_uint_eq(row_count, 0);
  }
  /* The slot that was taken in the failed reads gets another owner. */
  own(0, ROW_ENTITY, "/c");
  fake.fail_after = -1;
  expect_read("a!=3+0 anon!=0+0 b!=5+0 other!=0+0 shmem!=0+0");
}
END_TEST

START_TEST(sampler_read_slot_out_of_range_is_erange) {
  start(20);
  own(0, ROW_ENTITY, "/a");
  own(1, ROW_ENTITY, "/b");
  happen(0, 3, 0);
  happen(1, 5, 0);
  fake.slots[0].slot = FAKE_SLOTS;
  ck_assert_int_eq(read_rows(), -ERANGE);
  ck_assert_uint_eq(row_count, 0);
  fake.slots[0].slot = 0;
  expect_read("a!=3+0 anon!=0+0 b!=5+0 other!=0+0 shmem!=0+0");
}
END_TEST

static struct source_stat stats[4];
static unsigned stat_count;

static void take_stat(void *arg, const struct source_stat *stat) {
  ck_assert_ptr_eq(arg, stats);
  ck_assert_uint_lt(stat_count, ARRAY_SIZE(stats));
  stats[stat_count++] = *stat;
}

static double all_events(const struct tally_entry *entry) {
  return (double)row_counts_events(&entry->delta);
}

/* One event is not worth a name, unless the name was asked for. */
START_TEST(sampler_read_selected_name_is_worth_it) {
  static const struct rank_orders orders = {1, {{all_events, true, 10}}};
  const struct source source = fake_source(&fake);
  char err[128];

  for (int selects = 0; selects < 2; selects++) {
    fake_init(&fake);
    if (selects)
      filter_add(settings.slab.filter, FILTER_WORDS, "dentry", err,
                 sizeof(err));
    sampler = sampler_new(&source, &settings.slab, classes, &orders);
    own(0, ROW_ENTITY, "dentry");
    happen(0, 1, 0);
    expect_read(selects ? "anon!=0+0 dentry!=1+0 other!=0+0 shmem!=0+0"
                        : "anon!=0+0 other!=1+0 shmem!=0+0");
    sampler_free(sampler);
  }
  sampler = NULL;
}
END_TEST

/* Groups of the only probe that there is here. */
static void group(const char *pattern, const char *name) {
  char err[256];

  settings.slab.groups = settings.pagefaults.groups;
  ck_assert_int_eq(
      groups_add(settings.slab.groups, pattern, name, err, sizeof(err)), 0);
}

/* The filter is asked about the path, not about the group's name. */
START_TEST(sampler_read_group_is_the_sum_of_its_members) {
  static const char *const names[] = {"/srv/a/1", "/srv/a/2", "/srv/b/1",
                                      "/srv/no", "/srv"};
  char err[128];

  group("/^/srv/([^/]*)/", "index-$1");
  filter_add(settings.slab.filter, FILTER_PATHS, "/srv/no", err, sizeof(err));
  filter_set_ignore_selected(settings.slab.filter, true);
  start(20);
  for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
    own(i, ROW_ENTITY, names[i]);
    happen(i, 1 << i, 100 << i);
  }
  expect_read("anon!=0+0 index-a!=3+300 index-b!=4+400 other!=8+800 shmem!=0+0 "
              "srv!=16+1600");
}
END_TEST

/* What somebody has asked for has a series of its own. */
START_TEST(sampler_read_selected_file_is_in_no_stock_group) {
  char err[128];

  settings.slab.groups = settings.pagefaults.groups;
  for (int selects = 0; selects <= 1; selects++) {
    if (selects)
      filter_add(settings.slab.filter, FILTER_PATHS, "/srv/x.rrd", err,
                 sizeof(err));
    start(20);
    own(0, ROW_ENTITY, "/srv/x.rrd");
    ck_assert_int_eq(read_rows(), 0);
    happen(0, 5 + 5 * selects, 0);
    ck_assert_int_eq(read_rows(), 0);
    ck_assert_str_eq(rows[2].label, selects ? "shmem" : "rrd");
    ck_assert_str_eq(rows[3].label, selects ? "srv~x.rrd" : "shmem");
    sampler_free(sampler);
  }
  sampler = NULL;
}
END_TEST

/* Its only place goes to another file, and its slots go to others. */
START_TEST(sampler_read_group_survives_its_members) {
  static char names[50][16];

  group("/^/srv//", "group");
  start(1);
  for (unsigned i = 0; i < 50; i++) {
    char expected[128];

    snprintf(names[i], sizeof(names[i]), "/srv/%u", i);
    own(i % 3, ROW_ENTITY, names[i]);
    happen(i % 3, 7, 1);
    snprintf(expected, sizeof(expected),
             "anon%s=0+0 group%s=%u+%u other%s=0+0 shmem%s=0+0", i ? "" : "!",
             i ? "" : "!", 7 * (i + 1), i + 1, i ? "" : "!", i ? "" : "!");
    expect_read(expected);
  }
  for (unsigned i = 0; i < 3; i++)
    own(i, ROW_ENTITY, "/opt/x");
  happen(0, 1009, 0);
  expect_read("anon=0+0 opt~x!=1009+0 other=0+0 shmem=0+0");
  for (int i = 0; i < 30; i++)
    ck_assert_int_eq(read_rows(), 0);
  own(0, ROW_ENTITY, "/srv/new");
  happen(0, 2003, 0);
  expect_read("anon=0+0 group!=2353+50 other=0+0 shmem=0+0");
}
END_TEST

START_TEST(sampler_read_file_named_as_group_is_apart) {
  group("/^/srv//", "group");
  start(20);
  own(0, ROW_ENTITY, "/srv/a");
  own(1, ROW_ENTITY, "/group");
  happen(0, 3, 0);
  happen(1, 5, 0);
  ck_assert_int_eq(read_rows(), 0);
  ck_assert_str_eq(rows[1].label, "group");
  ck_assert_uint_eq(rows[1].total.events[ROW_FIRST], 3);
  ck_assert_int_eq(strncmp(rows[2].label, "group@", 6), 0);
  ck_assert_uint_eq(rows[2].total.events[ROW_FIRST], 5);
}
END_TEST

static void start_holder(void) {
  const struct source source = fake_holder(&fake);

  settings.slab.max_series = 20;
  sampler = sampler_new(&source, &settings.slab, classes, &fake_orders);
  ck_assert_ptr_nonnull(sampler);
}

static void hold(int i, const char *name, uint64_t objects) {
  fake.held[i] = (struct source_held){.name = name,
                                      .objects = objects,
                                      .bytes = objects * 64,
                                      .slack = 10,
                                      .object_size = 64};
}

/* Of caches of one name as one; what has no row has none. */
START_TEST(sampler_read_rows_have_what_is_held) {
  start_holder();
  own(0, ROW_ENTITY, "dentry");
  happen(0, 5, 3);
  hold(0, "dentry", 70);
  hold(1, "filp", 11);
  hold(2, "dentry", 7);
  expect_read("anon!=0+0 dentry!=5+3 other!=0+0 shmem!=0+0");
  ck_assert_uint_eq(rows[1].held.objects, 77);
  ck_assert_uint_eq(rows[1].held.bytes, 77 * 64);
  ck_assert(!rows[0].is_held && rows[1].is_held && !rows[2].is_held);
  fake.held[0].name = NULL;
  expect_read("anon=0+0 dentry=5+3 other=0+0 shmem=0+0");
  ck_assert(!rows[1].is_held);
}
END_TEST

/* A cache at rest has no slot, and its objects are of the filter's choice. */
START_TEST(sampler_read_what_is_held_needs_no_event) {
  const struct source source = fake_holder(&fake);
  char text[64];

  settings.slab.max_series = 20;
  filter_add(settings.slab.filter, FILTER_WORDS, "inode_cache", text,
             sizeof(text));
  sampler = sampler_new(&source, &settings.slab, classes, &orders_caches);
  hold(0, "inode_cache", 1 << 20);
  hold(1, "dentry", 1 << 20);
  for (int i = 0; i < 3; i++)
    ck_assert_int_eq(read_rows(), 0);
  expect_read("anon=0+0 inode_cache=0+0 other=0+0 shmem=0+0");
  ck_assert_uint_eq(rows[1].held.objects, 1 << 20);
}
END_TEST

/* Frees that no hook sees, of a cache that holds as much as before. */
START_TEST(sampler_read_tells_what_nothing_counted) {
  start_holder();
  own(0, ROW_ENTITY, "maple_node");
  own(1, ROW_ENTITY, "dentry");
  happen(0, 1, 0);
  happen(1, 1, 0);
  hold(0, "maple_node", 500);
  hold(1, "dentry", 600);
  expect_read("anon!=0+0 dentry!=1+0 maple_node!=1+0 other!=0+0 shmem!=0+0");
  happen(0, 1000, 17);
  happen(1, 40, 30);
  hold(1, "dentry", 610);
  expect_read("anon=0+0 dentry=41+30 maple_node=1001+17 other=0+0 shmem=0+0");
  expect_read("anon=0+0 dentry=41+30 maple_node=1001+1000 other=0+0 shmem=0+0");
  ck_assert_uint_eq(rows[2].total.bytes[ROW_FREE], 983 * 64);
  expect_read("anon=0+0 dentry=41+30 maple_node=1001+1000 other=0+0 shmem=0+0");
  ck_assert_str_eq(fake.deduces, "maple_node ");
}
END_TEST

START_TEST(sampler_stats_counts_refused_and_tracked_names) {
  char names[19][8];

  start(1);
  for (unsigned i = 0; i < 19; i++) {
    snprintf(names[i], sizeof(names[i]), "/n%u", i);
    own(0, ROW_ENTITY, names[i]);
    happen(0, 1, 0);
    for (int read = 0; read < 7; read++)
      ck_assert_int_eq(read_rows(), 0);
  }
  sampler_stats(sampler, take_stat, stats);
  ck_assert_uint_eq(stat_count, 2);
  ck_assert_str_eq(stats[0].name, "names_refused");
  ck_assert(stats[0].cumulative && stats[0].value == 19 - 16);
  ck_assert_str_eq(stats[1].name, "names_tracked");
  /* 16 are known; of the others only the last still has a slot. */
  ck_assert(!stats[1].cumulative && stats[1].value == 16 + 1);
}
END_TEST

START_TEST(sampler_free_null_is_accepted) {
  sampler_free(NULL);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      sampler_read_without_events_sinks_zero_classes,
      sampler_read_entities_and_classes_get_their_own,
      sampler_read_classes_sort_among_entities,
      sampler_read_rejected_name_counts_as_other,
      sampler_read_entity_named_as_class_is_apart,
      sampler_read_unknown_class_counts_as_other,
      sampler_read_name_is_looked_at_once_per_owner,
      sampler_read_zero_series_sums_in_other,
      sampler_read_displaced_entry_returns_no_lower,
      sampler_read_bytes_follow_event_size,
      sampler_read_jump_beyond_32_bits_is_whole,
      sampler_read_failed_harvest_is_made_up_for,
      sampler_read_slot_out_of_range_is_erange,
      sampler_read_selected_name_is_worth_it,
      sampler_read_group_is_the_sum_of_its_members,
      sampler_read_selected_file_is_in_no_stock_group,
      sampler_read_group_survives_its_members,
      sampler_read_file_named_as_group_is_apart,
      sampler_read_rows_have_what_is_held,
      sampler_read_what_is_held_needs_no_event,
      sampler_read_tells_what_nothing_counted,
      sampler_stats_counts_refused_and_tracked_names,
      sampler_free_null_is_accepted,
  };

  return suite_with("sampler", setup, teardown, tests, ARRAY_SIZE(tests));
}
