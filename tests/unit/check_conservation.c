// SPDX-License-Identifier: MIT
/* The sampler against a simple model, under a random stream of events, owners
 * and failures: nothing lost, nothing twice, nothing allocated when steady. */
#include "check_main.h"
#include "core/label.h"
#include "core/sampler.h"
#include "count_allocs.h"
#include "fake_source.h"

#include <stdio.h>
#include <string.h>

#define NAMES 61
#define LABELS_MAX (NAMES + 3)
#define READS 503
#define SEEDS 5
#define ALL_SERIES 1000
#define FEW_SERIES 5

static const char *const classes[] = {"anon", "heap", "other", NULL};
static const char *const class_names[] = {"anon", "heap", "other", NULL};

/* What was counted for a label, and what was last sunk under it. */
static struct account {
  char label[LABEL_SIZE];
  struct row_counts counted, sunk;
  bool current;  /* sunk by the read under way or done last */
  bool previous; /* sunk by the read before */
  bool fresh;    /* and then, for the first time or after a pause */
} accounts[LABELS_MAX];
static unsigned account_count;

static char names[NAMES][256];
static struct fake_source fake;
static struct row_counts taken[FAKE_SLOTS];
static struct settings settings;
static struct sampler *sampler;
static uint64_t now_ns, random_state;
/* The first rule that was broken within a read. Nothing is asserted there:
 * libcheck's assertions allocate. */
static const char *broken;

/* Knuth's MMIX generator: the same stream on every machine. */
static unsigned draw(unsigned below) {
  random_state = random_state * UINT64_C(6364136223846793005) +
                 UINT64_C(1442695040888963407);
  return (unsigned)(random_state >> 33) % below;
}

/* Plain, lossy, too long, rejected, and named as classes are. */
static void make_names(void) {
  for (int i = 0; i < NAMES; i += 4)
    snprintf(names[i], sizeof(names[i]), "/usr/lib/lib%d.so", i);
  for (int i = 1; i < NAMES; i += 4)
    snprintf(names[i], sizeof(names[i]), "/tmp/a\xff b%c", 1 + i);
  for (int i = 2; i < NAMES; i += 4)
    snprintf(names[i], sizeof(names[i]), "/%0140d/lib/libc.so.6", i);
  for (int i = 3; i < NAMES; i += 4)
    snprintf(names[i], sizeof(names[i]), "/reject/%d", i);
  strcpy(names[0], "/anon");
  strcpy(names[4], "/other");
}

static void expect(bool holds, const char *rule) {
  if (!holds && !broken)
    broken = rule;
}

static struct account *account_of(const char *label) {
  unsigned i = 0;

  while (i < account_count && strcmp(accounts[i].label, label) != 0)
    i++;
  expect(i < LABELS_MAX, "labels of the model only");
  if (i == account_count && i < LABELS_MAX)
    strcpy(accounts[account_count++].label, label);
  return &accounts[i < LABELS_MAX ? i : 0];
}

/* The model: what the source hands out belongs to the owner of that moment. */
static void take(const struct source_row *row) {
  struct row_counts *last = &taken[row->slot];
  char label[LABEL_SIZE];
  struct account *account;

  if (row->kind == ROW_CLASS)
    strcpy(label, row->name);
  else if (strstr(row->name, "reject"))
    strcpy(label, SAMPLER_OTHER);
  else
    label_make(row->name, class_names, label);
  account = account_of(label);
  for (int i = 0; i < ROW_EVENT_COUNT; i++) {
    uint64_t events = row->events[i] - last->events[i];

    account->counted.events[i] += events;
    account->counted.bytes[i] += events * row->event_size;
    last->events[i] = row->events[i];
  }
}

static void sink(void *arg, const struct sampler_row *row) {
  struct account *account = account_of(row->label);

  (void)arg;
  for (int i = 0; i < ROW_EVENT_COUNT; i++) {
    expect(row->total->events[i] >= account->sunk.events[i], "monotone");
    expect(row->total->bytes[i] >= account->sunk.bytes[i], "monotone");
  }
  expect(!memcmp(row->before, &account->sunk, sizeof(account->sunk)),
         "before is what was sunk last");
  expect(row->fresh == !account->previous, "fresh after a pause");
  expect(!account->current, "one row per label");
  account->sunk = *row->total;
  account->current = true;
  account->fresh = row->fresh;
}

static int read_once(void) {
  int error;

  for (unsigned i = 0; i < account_count; i++)
    accounts[i].current = false;
  error = sampler_read(sampler, now_ns, sink, NULL);
  for (unsigned i = 0; i < account_count && !error; i++) {
    /* Of a fresh row only `before` is published, its total in the next read. */
    expect(accounts[i].current || !accounts[i].previous || !accounts[i].fresh,
           "who leaves has published its total");
    accounts[i].previous = accounts[i].current;
  }
  return error;
}

static double second_events(const struct tally_entry *entry) {
  return (double)entry->delta.events[ROW_SECOND];
}

/* Each event is worth a name. */
static const struct rank_orders orders = {
    2, {{second_events, true, 0}, {fake_weight, true, 0}}};

static void start(unsigned max_series, uint64_t seed) {
  const struct source source = fake_source(&fake);
  char err[128];

  random_state = seed;
  now_ns = 0;
  fake_init(&fake);
  fake.taken = take;
  memset(taken, 0, sizeof(taken));
  memset(accounts, 0, sizeof(accounts));
  account_count = 0;
  ck_assert_int_eq(settings_init(&settings), 0);
  ck_assert_int_eq(filter_add(settings.slab.filter, FILTER_WORDS, "/reject/",
                              err, sizeof(err)),
                   0);
  filter_set_ignore_selected(settings.slab.filter, true);
  settings.slab.max_series = max_series;
  sampler = sampler_new(&source, &settings.slab, classes, &orders);
  ck_assert_ptr_nonnull(sampler);
}

static void stop(void) {
  sampler_free(sampler);
  sampler = NULL;
  settings_fini(&settings);
}

static void change_owner(unsigned slot) {
  /* The size of a slot's events is its own, so that bytes add up exactly. */
  fake.slots[slot].event_size = slot * 8;
  if (draw(10) == 0)
    fake_own(&fake, slot, ROW_CLASS, classes[draw(2)]);
  else
    fake_own(&fake, slot, ROW_ENTITY, names[draw(NAMES)]);
}

/* What happens between two reads; a few slots get most of the events. */
static void happen(bool with_owners) {
  for (unsigned i = 0; i < 1 + draw(40); i++) {
    unsigned slot = draw(1 + draw(FAKE_SLOTS));

    if (with_owners && (!fake.slots[slot].owner || draw(8) == 0))
      change_owner(slot);
    if (fake.slots[slot].owner)
      fake_happen(&fake, slot, draw(1009), draw(2) * draw(97));
  }
  now_ns += UINT64_C(1000000000) * draw(7200);
  fake.fail_after = with_owners && draw(4) == 0 ? (int)draw(FAKE_SLOTS) : -1;
}

static struct row_counts sum(bool of_sunk) {
  struct row_counts all = {0};

  for (unsigned i = 0; i < account_count; i++)
    row_counts_add(&all, of_sunk ? &accounts[i].sunk : &accounts[i].counted);
  return all;
}

static unsigned current_rows(void) {
  unsigned rows = 0;

  for (unsigned i = 0; i < account_count; i++)
    rows += accounts[i].current;
  return rows;
}

static void expect_classes_current(void) {
  for (size_t i = 0; class_names[i]; i++)
    ck_assert(account_of(class_names[i])->current);
}

/* Returns whether the read was to succeed and did. */
static bool step(void) {
  int error;

  happen(true);
  error = read_once();
  ck_assert_int_eq(error, fake.fail_after < 0 ? 0 : -EIO);
  ck_assert_msg(!broken, "broken: %s", broken);
  ck_assert(!error || !current_rows());
  return !error;
}

START_TEST(sampler_read_random_stream_sums_to_all_events) {
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    start(FEW_SERIES, seed);
    for (int i = 0; i < READS; i++) {
      struct row_counts counted, sunk;

      if (!step())
        continue;
      counted = sum(false);
      sunk = sum(true);
      ck_assert_mem_eq(&sunk, &counted, sizeof(sunk));
      ck_assert_uint_le(current_rows(), 3 + FEW_SERIES);
      expect_classes_current();
    }
    ck_assert_uint_gt(account_count, 3 + 2 * FEW_SERIES);
    stop();
  }
}
END_TEST

START_TEST(sampler_read_random_stream_credits_each_label) {
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    start(ALL_SERIES, seed);
    for (int i = 0; i < READS; i++) {
      if (!step())
        continue;
      for (unsigned j = 0; j < account_count; j++)
        ck_assert_mem_eq(&accounts[j].sunk, &accounts[j].counted,
                         sizeof(accounts[j].sunk));
    }
    stop();
  }
}
END_TEST

START_TEST(sampler_read_steady_slots_allocate_nothing) {
  unsigned long before;

  if (!count_allocs_is_possible()) {
    puts("skip: valgrind owns malloc(), so its calls cannot be counted");
    return;
  }
  count_allocs_start();
  ck_assert_msg(count_allocs_works(), "allocations are not counted");
  start(FEW_SERIES, 7);
  for (int i = 0; i < 97; i++)
    step();
  fake.fail_after = -1;
  ck_assert_int_eq(read_once(), 0);
  before = count_allocs();
  for (int i = 0; i < READS; i++) {
    happen(false);
    expect(read_once() == 0, "reads succeed");
  }
  ck_assert_uint_eq(count_allocs(), before);
  ck_assert_msg(!broken, "broken: %s", broken);
  stop();
}
END_TEST

START_TEST(sampler_read_no_memory_loses_nothing) {
  int error;

  if (!COUNT_ALLOCS_CAN_FAIL || !count_allocs_is_possible()) {
    puts("skip: a checker owns malloc(), so it cannot be made to fail");
    return;
  }
  start(FEW_SERIES, 7);
  fake.taken = NULL;
  fake_own(&fake, 0, ROW_ENTITY, names[2]);
  fake_own(&fake, 1, ROW_CLASS, "heap");
  fake_happen(&fake, 0, 3, 5);
  fake_happen(&fake, 1, 7, 11);
  count_allocs_fail(true);
  error = read_once();
  count_allocs_fail(false);
  ck_assert_int_eq(error, -ENOMEM);
  ck_assert_uint_eq(current_rows(), 0);
  ck_assert_int_eq(read_once(), 0);
  ck_assert_uint_eq(sum(true).events[ROW_FIRST], 3 + 7);
  ck_assert_uint_eq(sum(true).events[ROW_SECOND], 5 + 11);
  ck_assert_uint_eq(account_of("heap")->sunk.events[ROW_FIRST], 7);
  stop();
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      sampler_read_random_stream_sums_to_all_events,
      sampler_read_random_stream_credits_each_label,
      sampler_read_steady_slots_allocate_nothing,
      sampler_read_no_memory_loses_nothing,
  };

  return suite_with("conservation", make_names, NULL, tests, ARRAY_SIZE(tests));
}
