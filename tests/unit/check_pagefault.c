// SPDX-License-Identifier: MIT
/* pagefault: which hook is taken, what is held of the kernel, and what a read
 * tells. Tables, counts and checks are real; the kernel is a fake. */
#include "probe.h"

#include "fake_kernel.h"

#define NO_START "; time stalled: no hook at the start of a wait\n"

static struct features info;
static void *probe;

static struct source_row rows[SLOTS];
static unsigned row_count;
static char stat_names[1024]; /* "NAME VALUE\n" of each */

static void setup(void) {
  memset(&kernel, 0, sizeof(kernel));
  kernel.failing = STEPS;
  kernel.faults = 1009; /* of before the start, as are these: */
  kernel.minor = 503;
  kernel.major = 29;
  memset(slots, 0, sizeof(slots));
  memset(files, 0, sizeof(files));
  memset(stalled, 0, sizeof(stalled));
  memset(cpus, 0, sizeof(cpus));
  stats = (struct pf_stats){0};
  cpus[1].fixed[PF_SLOT_ANON].minor = 11;
  said[0] = '\0';
  probe = NULL;
}

static void teardown(void) {
  pagefault_probe.close(probe);
  pagefault_probe.close(NULL);
  ck_assert(!kernel.objects && !kernel.rings && !kernel.counters &&
            !kernel.functions && !kernel.starts);
}

static int open_probe(enum settings_hooks hooks) {
  const struct probe_options options = {.hooks = hooks,
                                        .max_tracked = FILES,
                                        .sample_above = 1000,
                                        .kernel = &info};

  return pagefault_probe.open(&options, &probe);
}

static void take_row(void *arg, const struct source_row *row) {
  ck_assert_ptr_eq(arg, rows);
  rows[row->slot] = *row;
  row_count++;
}

static int harvest(void) {
  struct source source = pagefault_probe.source(probe);

  row_count = 0;
  ck_assert_uint_eq(source.slots_max, SLOTS);
  return source.harvest(source.ctx, take_row, rows);
}

static void take_stat(void *arg, const struct source_stat *stat) {
  size_t used = strlen(stat_names);

  ck_assert_ptr_eq(arg, stat_names);
  snprintf(stat_names + used, sizeof(stat_names) - used, "%s %g\n", stat->name,
           stat->value);
}

/* Whether the statistics have that line. */
static bool has_stat(const char *line) {
  struct source source = pagefault_probe.source(probe);
  char text[64];

  strcpy(stat_names, "\n");
  source.stats(source.ctx, take_stat, stat_names);
  snprintf(text, sizeof(text), "\n%s\n", line);
  return strstr(stat_names, text);
}

START_TEST(pagefault_takes_fexit_where_it_is_exact) {
  kernel.fexit = kernel.rdonly_cast = true;
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  ck_assert_str_eq(said,
                   "2 pagefault: using hook fexit, room for 64 files" NO_START);
  ck_assert(kernel.functions == 1 && !kernel.counters);
  ck_assert(has_stat("hook_fexit 1") && has_stat("hook_event 0"));
  ck_assert(has_stat("faults_failed 0") && has_stat("faults_retried 0"));
}
END_TEST

/* The program at the function does not look at what is retried. */
START_TEST(pagefault_takes_the_event_and_fexit_where_it_is_preempted) {
  kernel.fexit = kernel.rdonly_cast = kernel.preempts = true;
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  ck_assert_str_eq(said,
                   "2 pagefault: using hook event and fexit for faults that "
                   "raise no event, room for 64 files" NO_START);
  ck_assert(kernel.functions == 1 && kernel.counters == 2);
  ck_assert(has_stat("hook_fexit 0") && has_stat("hook_event 1"));
  ck_assert(has_stat("faults_failed 0") && !has_stat("faults_retried 0"));
}
END_TEST

/* What no program sees is not told as 0. */
START_TEST(pagefault_takes_the_event_alone_where_fexit_is_refused) {
  kernel.rdonly_cast = true;
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  ck_assert_str_eq(said,
                   "2 pagefault: using hook event, room for 64 files" NO_START);
  ck_assert(!kernel.functions && kernel.counters == 2);
  ck_assert(!has_stat("faults_failed 0") && !has_stat("faults_retried 0"));
}
END_TEST

START_TEST(pagefault_tells_the_time_stalled_where_starts_are_hooked) {
  kernel.rdonly_cast = kernel.start = true;
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  ck_assert_str_eq(said, "2 pagefault: using hook event, room for 64 files; "
                         "time stalled: tracepoint\n");
  ck_assert(pagefault_probe.source(probe).tells_stalled && kernel.starts == 1);
  stats.stalls[0] = 3;
  stats.stalls[PF_STALL_BUCKETS - 1] = 5;
  stats.stalls_unstarted = 7;
  stats.stalls_unended = 11;
  ck_assert(has_stat("stalls_below_64us 3") && has_stat("stalls_below_4ms 0"));
  ck_assert(has_stat("stalls_above_262ms 5"));
  ck_assert(has_stat("stalls_unstarted 7") && has_stat("stalls_unended 11"));
  stalled[PF_SLOT_OTHER] = 1000000007;
  ck_assert_int_eq(harvest(), 0);
  ck_assert_uint_eq(rows[PF_SLOT_OTHER].stalled_ns, 1000000007);
}
END_TEST

/* Faults are counted all the same. */
START_TEST(pagefault_without_a_start_tells_no_time) {
  kernel.rdonly_cast = kernel.start = kernel.start_fails = true;
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  ck_assert_str_eq(
      said, "1 pagefault: the start of waits for files cannot be hooked (No "
            "such device): there are no series of the time stalled\n"
            "2 pagefault: using hook event, room for 64 files" NO_START);
  ck_assert(!pagefault_probe.source(probe).tells_stalled);
  ck_assert(!has_stat("stalls_unstarted 0"));
}
END_TEST

/* Whatever fails, nothing of it stays, and the next hook is tried. */
START_TEST(pagefault_goes_on_to_the_next_hook) {
  for (enum step at = LOADS; at < STEPS; at++) {
    char line[128];

    setup();
    kernel.fexit = kernel.rdonly_cast = kernel.preempts = true;
    kernel.failing_hook = 1;
    kernel.failing = at;
    ck_assert_int_eq(open_probe(SETTINGS_HOOKS_EVENT), 0);
    snprintf(line, sizeof(line),
             "2 pagefault hook event -%d\n"
             "2 pagefault: using hook event and",
             EINVAL + (int)at);
    ck_assert_msg(!strncmp(said, line, strlen(line)), "%s", said);
    ck_assert_ptr_eq(tried, &pagefault_hooks[PAGEFAULT_FAULT].candidates[2]);
    ck_assert(kernel.objects == 1 && kernel.rings == 1);
    ck_assert(kernel.counters == 2 && kernel.functions == 1);
    teardown();
  }
  probe = NULL;
}
END_TEST

START_TEST(pagefault_tells_why_the_last_hook_failed) {
  kernel.failing_hook = 4;
  kernel.failing = MAPPINGS;
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), -(EINVAL + MAPPINGS));
  ck_assert_str_eq(said, "0 pagefault auto -24\n");
  said[0] = '\0';
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_FEXIT), -EOPNOTSUPP);
  ck_assert_str_eq(said, "0 pagefault fexit -95\n");
  ck_assert_ptr_null(probe);
}
END_TEST

struct record {
  struct pf_name name;
  char components[16];
};

static void send_name(unsigned size, size_t record_size) {
  static struct record record;

  record = (struct record){{.slot = PF_SLOT_FILES, .owner = 1, .size = size},
                           "libc.so\0lib"};
  kernel.record = &record.name;
  kernel.record_size = record_size;
}

/* One that is not whole would be read beyond its end. */
START_TEST(pagefault_names_come_before_their_rows) {
  static const size_t head = sizeof(struct pf_name);
  static const struct {
    unsigned size;
    size_t record_size;
  } broken[] = {{12, 4}, {12, 16}, {12, 27}, {UINT32_MAX, 28}};

  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  slots[PF_SLOT_FILES] = (struct pf_slot){.key = {.super = 8}, .owner = 1};
  files[PF_SLOT_FILES].minor = 5;
  files[SLOTS + PF_SLOT_FILES].minor = 6;
  for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
    send_name(broken[i].size, broken[i].record_size);
    ck_assert_int_eq(harvest(), 0);
    ck_assert(has_stat("unnamed 1") && has_stat("tracked 1"));
  }
  send_name(12, head + 12);
  ck_assert_int_eq(harvest(), 0);
  ck_assert_uint_eq(row_count, PF_SLOT_FILES + 1);
  ck_assert_str_eq(rows[PF_SLOT_FILES].name, "/lib/libc.so");
  ck_assert_uint_eq(rows[PF_SLOT_FILES].events[ROW_MINOR], 11);
  ck_assert(has_stat("unnamed 0") && has_stat("tracked 1"));
}
END_TEST

/* Else its faults would count under the name that another user gave the file.
 */
START_TEST(pagefault_name_that_comes_with_its_faults_is_theirs) {
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  slots[PF_SLOT_FILES] = (struct pf_slot){.key = {.super = 8}, .owner = 1};
  files[PF_SLOT_FILES].minor = 5;
  send_name(12, sizeof(struct pf_name) + 12);
  kernel.late = 1;
  ck_assert_int_eq(harvest(), 0);
  ck_assert_str_eq(rows[PF_SLOT_FILES].name, "/lib/libc.so");
}
END_TEST

/* Rows without their names would be those of others. What programs try once a
 * read they try after names were taken, when there is room. */
START_TEST(pagefault_read_that_fails_has_no_rows) {
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  kernel.read_error = -EINVAL;
  ck_assert_int_eq(harvest(), -EINVAL);
  ck_assert(!row_count && !kernel.begun);
  kernel.read_error = 3; /* names, which is no error */
  ck_assert_int_eq(harvest(), 0);
  ck_assert_uint_eq(row_count, PF_SLOT_FILES);
  ck_assert_uint_eq(kernel.begun, 1);
}
END_TEST

/* 100 faults, of which programs have seen 80 and 7 raised an event. */
static void miss_some(void) {
  kernel.faults += 100;
  kernel.minor += 80 + 7;
  cpus[0].fixed[PF_SLOT_ANON].minor += 80;
  for (int reads = 0; reads < 2; reads++)
    ck_assert_int_eq(harvest(), 0);
}

START_TEST(pagefault_rest_is_unattributed_and_what_was_raised_is_missed) {
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  miss_some();
  ck_assert_uint_eq(rows[PF_SLOT_ANON].events[ROW_MINOR], 91);
  ck_assert_uint_eq(rows[PF_SLOT_UNATTRIBUTED].events[ROW_MINOR], 20);
  ck_assert(has_stat("events_missed 7"));
  stats.beyond = 9;
  ck_assert(has_stat("events_missed 9"));
}
END_TEST

/* By fexit all of it should have been seen. Where /proc/vmstat cannot be read
 * what BPF's guard hid has to do. */
START_TEST(pagefault_missed_by_fexit_is_what_the_kernel_counts_more) {
  kernel.fexit = true;
  kernel.missed = 13;
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  miss_some();
  ck_assert(has_stat("events_missed 20"));
  pagefault_probe.close(probe);
  kernel.faults = 0;
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  ck_assert(has_stat("events_missed 13"));
}
END_TEST

START_TEST(pagefault_tells_who_samples) {
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  kernel.rate = 1000;
  harvest();
  ck_assert(has_stat("sampling 0"));
  kernel.rate = 1001;
  harvest();
  ck_assert(has_stat("sampling 1"));
}
END_TEST

/* Six of seven may be there of which the program has yet to be told. */
START_TEST(pagefault_does_not_miss_what_is_sampled) {
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  kernel.rate = 1001;
  harvest();
  kernel.faults += 7;
  kernel.minor += 7;
  for (int reads = 0; reads < 2; reads++)
    harvest();
  ck_assert(has_stat("events_missed 1"));
  ck_assert_uint_eq(rows[PF_SLOT_UNATTRIBUTED].events[ROW_MINOR], 1);
}
END_TEST

START_TEST(pagefault_passes_on_what_programs_could_not_do) {
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  stats = (struct pf_stats){
      .untracked = 11, .unfound = 13, .names_lost = 17, .slots_lost = 4};
  ck_assert(has_stat("events_untracked 11") && has_stat("events_unfound 13"));
  ck_assert(has_stat("names_lost 17") && has_stat("tracked_max 60"));
}
END_TEST

/* Function tracing can be switched off under a program; once is enough to say
 * so. The event knows nothing of it. */
START_TEST(pagefault_says_once_that_fexit_is_off_and_once_that_it_is_on) {
  kernel.fexit = true;
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  said[0] = '\0';
  for (int turn = 0; turn < 2; turn++) {
    kernel.is_off = !turn;
    for (int reads = 0; reads < 3; reads++)
      harvest();
  }
  ck_assert_str_eq(said,
                   "0 pagefault: hook fexit has been switched off: until 1 is "
                   "written to /proc/sys/kernel/ftrace_enabled, faults are "
                   "unattributed\n2 pagefault: hook fexit is on again\n");
  pagefault_probe.close(probe);
  kernel.fexit = false;
  kernel.is_off = true;
  kernel.asked_whether_off = 0;
  ck_assert_int_eq(open_probe(SETTINGS_HOOKS_AUTO), 0);
  harvest();
  ck_assert_uint_eq(kernel.asked_whether_off, 0);
}
END_TEST

/* A group may be named as none of them. */
START_TEST(pagefault_classes_are_no_groups) {
  struct groups *groups = groups_new();
  char text[256];

  for (const char *const *class = pagefault_probe.classes; *class; class ++)
    ck_assert_msg(groups_add(groups, "/x/", *class, text, sizeof(text)) ==
                      -EINVAL,
                  "%s", *class);
  groups_free(groups);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      pagefault_takes_fexit_where_it_is_exact,
      pagefault_takes_the_event_and_fexit_where_it_is_preempted,
      pagefault_takes_the_event_alone_where_fexit_is_refused,
      pagefault_tells_the_time_stalled_where_starts_are_hooked,
      pagefault_without_a_start_tells_no_time,
      pagefault_goes_on_to_the_next_hook,
      pagefault_tells_why_the_last_hook_failed,
      pagefault_names_come_before_their_rows,
      pagefault_name_that_comes_with_its_faults_is_theirs,
      pagefault_read_that_fails_has_no_rows,
      pagefault_rest_is_unattributed_and_what_was_raised_is_missed,
      pagefault_missed_by_fexit_is_what_the_kernel_counts_more,
      pagefault_tells_who_samples,
      pagefault_does_not_miss_what_is_sampled,
      pagefault_passes_on_what_programs_could_not_do,
      pagefault_says_once_that_fexit_is_off_and_once_that_it_is_on,
      pagefault_classes_are_no_groups,
  };

  return suite_with("pagefault", setup, teardown, tests, ARRAY_SIZE(tests));
}
