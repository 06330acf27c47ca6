// SPDX-License-Identifier: MIT
/* The table of options, and the setters it refers to. */
#include "core/settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where the sentence of an error goes. */
struct report {
  char *text;
  size_t size;
};

struct option {
  const char *block; /* NULL: top level */
  const char *key;
  int (*set)(const struct option *option, void *field,
             const struct settings_value *value, const struct report *report);
  size_t offset; /* where the field is in struct settings */
  unsigned min, max;
  unsigned hooks, hooks_gone; /* as bits: allowed; of 0.1 */
  bool is_list;               /* each further value adds to it */
  bool paths;                 /* patterns of paths, not of words */
  bool is_pair;               /* takes two strings */
};

static const char *const hooks_names[SETTINGS_HOOKS_COUNT] = {
    [SETTINGS_HOOKS_AUTO] = "auto",
    [SETTINGS_HOOKS_FEXIT] = "fexit",
    [SETTINGS_HOOKS_EVENT] = "event",
    [SETTINGS_HOOKS_KPROBE] = "kprobe",
    [SETTINGS_HOOKS_TRACEPOINT] = "tracepoint",
};

const char *settings_hooks_name(enum settings_hooks hooks) {
  return hooks_names[hooks];
}

__attribute__((format(printf, 2, 3))) static void
report_append(const struct report *report, const char *format, ...) {
  size_t length = strlen(report->text);
  va_list args;

  va_start(args, format);
  vsnprintf(report->text + length, report->size - length, format, args);
  va_end(args);
}

/* "option Hooks in <Slab>" */
static void report_option(const struct report *report,
                          const struct option *option) {
  report->text[0] = '\0';
  report_append(report, "option %s", option->key);
  if (option->block)
    report_append(report, " in <%s>", option->block);
}

static void report_value(const struct report *report,
                         const struct settings_value *value) {
  if (value->type == SETTINGS_BOOL)
    report_append(report, ": %s", value->boolean ? "true" : "false");
  else if (value->type == SETTINGS_NUMBER)
    report_append(report, ": %.15g", value->number);
  else
    report_append(report, ": \"%.120s\"", value->string);
}

static int refuse_value(const struct option *option,
                        const struct settings_value *value,
                        const struct report *report, const char *allowed) {
  report_option(report, option);
  report_value(report, value);
  report_append(report, " is not %s", allowed);
  return -EINVAL;
}

/* The words that collectd's cf_util_get_boolean() accepts. */
static bool parse_word(const char *word, bool *ret_boolean) {
  static const char *const words[] = {"false", "true", "no",
                                      "yes",   "off",  "on"};

  for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
    *ret_boolean = i % 2;
    if (strcasecmp(word, words[i]) == 0)
      return true;
  }
  return false;
}

static bool parse_bool(const struct settings_value *value, bool *ret_boolean) {
  if (value->type == SETTINGS_STRING)
    return parse_word(value->string, ret_boolean);
  if (value->type != SETTINGS_BOOL)
    return false;
  *ret_boolean = value->boolean;
  return true;
}

static int set_bool(const struct option *option, void *field,
                    const struct settings_value *value,
                    const struct report *report) {
  bool boolean;

  if (!parse_bool(value, &boolean))
    return refuse_value(option, value, report, "true or false");
  *(bool *)field = boolean;
  return 0;
}

/* Refuses signs, blanks, "inf" and "nan". */
static bool parse_number(const struct settings_value *value,
                         double *ret_number) {
  char *end;

  if (value->type == SETTINGS_NUMBER) {
    *ret_number = value->number;
    return true;
  }
  if (value->type != SETTINGS_STRING || !isdigit((unsigned char)*value->string))
    return false;
  *ret_number = strtod(value->string, &end);
  return !*end;
}

static int set_count(const struct option *option, void *field,
                     const struct settings_value *value,
                     const struct report *report) {
  unsigned *count = field;
  char allowed[64];
  double number;

  /* The comparisons are false for a NaN. */
  if (parse_number(value, &number) && number >= option->min &&
      number <= option->max && number == (unsigned)number) {
    *count = (unsigned)number;
    return 0;
  }
  snprintf(allowed, sizeof(allowed), "an integer from %u to %u", option->min,
           option->max);
  return refuse_value(option, value, report, allowed);
}

/* SETTINGS_HOOKS_COUNT if there is no such name. */
static enum settings_hooks hooks_of(const struct settings_value *value) {
  int i = 0;

  if (value->type != SETTINGS_STRING)
    return SETTINGS_HOOKS_COUNT;
  while (i < SETTINGS_HOOKS_COUNT &&
         strcasecmp(value->string, hooks_names[i]) != 0)
    i++;
  return i;
}

static int refuse_hooks(const struct option *option,
                        const struct settings_value *value, bool gone,
                        const struct report *report) {
  const char *before = "";

  if (gone) {
    report_option(report, option);
    report_append(report, ": \"%s\" is no more; use one of ", value->string);
  } else {
    refuse_value(option, value, report, "one of ");
  }
  for (unsigned i = 0; i < SETTINGS_HOOKS_COUNT; i++) {
    if (!(option->hooks & 1U << i))
      continue;
    report_append(report, "%s\"%s\"", before, hooks_names[i]);
    before = ", ";
  }
  return -EINVAL;
}

static int set_hooks(const struct option *option, void *field,
                     const struct settings_value *value,
                     const struct report *report) {
  enum settings_hooks *hooks = field, wanted = hooks_of(value);

  if (!(option->hooks & 1U << wanted))
    return refuse_hooks(option, value, option->hooks_gone & 1U << wanted,
                        report);
  *hooks = wanted;
  return 0;
}

/* Reports what is wrong with an expression, or hardly meant. */
static int report_reason(const struct report *report,
                         const struct option *option, int status,
                         const char *reason) {
  if (status == -EINVAL || status > 0) {
    report_option(report, option);
    report_append(report, ": %s", reason);
  }
  return status;
}

static int set_pattern(const struct option *option, void *field,
                       const struct settings_value *value,
                       const struct report *report) {
  enum filter_names names = option->paths ? FILTER_PATHS : FILTER_WORDS;
  struct filter **filter = field;
  char reason[256];
  int status;

  if (value->type != SETTINGS_STRING)
    return refuse_value(option, value, report, "a name or a \"/regex/\"");
  status = filter_add(*filter, names, value->string, reason, sizeof(reason));
  return report_reason(report, option, status, reason);
}

static int set_group(const struct option *option, void *field,
                     const struct settings_value *value,
                     const struct report *report) {
  struct groups **groups = field;
  char reason[512];
  int status = groups_add(*groups, value->pair[0], value->pair[1], reason,
                          sizeof(reason));

  return report_reason(report, option, status, reason);
}

static int set_stock(const struct option *option, void *field,
                     const struct settings_value *value,
                     const struct report *report) {
  struct groups **groups = field;
  bool use = false;
  int err = set_bool(option, &use, value, report);

  if (!err)
    groups_use_stock(*groups, use);
  return err;
}

static int set_ignore(const struct option *option, void *field,
                      const struct settings_value *value,
                      const struct report *report) {
  struct filter **filter = field;
  bool ignore = false;
  int err = set_bool(option, &ignore, value, report);

  if (!err)
    filter_set_ignore_selected(*filter, ignore);
  return err;
}

/* An option of 0.1, for copies of programs that no longer exist. */
static int set_recover(const struct option *option, void *field,
                       const struct settings_value *value,
                       const struct report *report) {
  bool ignored;

  (void)field;
  if (!parse_bool(value, &ignored) && (value->type != SETTINGS_STRING ||
                                       strcasecmp(value->string, "auto") != 0))
    return refuse_value(option, value, report, "\"auto\", true or false");
  report_option(report, option);
  report_append(report, " has no effect any more and will be refused in 0.3: "
                        "remove it");
  return 1;
}

static int set_path(const struct option *option, void *field,
                    const struct settings_value *value,
                    const struct report *report) {
  char **path = field, *copy;

  if (value->type != SETTINGS_STRING || value->string[0] != '/')
    return refuse_value(option, value, report, "an absolute path");
  copy = strdup(value->string);
  if (!copy)
    return -ENOMEM;
  free(*path);
  *path = copy;
  return 0;
}

/* Series: write_prometheus sorts all series for each new one, which took 0.06 s
 * for 1000 and 1.2 s for 5000. Tracked: the least is the libraries of one busy
 * process, the most about all files of a large host; kernel memory grows with
 * it. Rate: no CPU has so many faults. */
#define SERIES .min = 0, .max = 1000
#define TRACKED .min = 64, .max = 1048576
#define RATE .min = 0, .max = 1000000000

#define HOOK(name) (1U << SETTINGS_HOOKS_##name)

enum {
  FAULT_HOOKS = HOOK(AUTO) | HOOK(FEXIT) | HOOK(EVENT),
  FAULT_HOOKS_GONE = HOOK(KPROBE) | HOOK(TRACEPOINT),
  SLAB_HOOKS = HOOK(AUTO) | HOOK(FEXIT) | HOOK(KPROBE) | HOOK(TRACEPOINT)
};

#define PAGEFAULTS "PageFaults"
#define SLAB "Slab"
#define AT(name) .offset = offsetof(struct settings, name)

static const struct option options[] = {
    {NULL, "CollectPageFaults", set_bool, AT(pagefaults.collect)},
    {NULL, "CollectSlab", set_bool, AT(slab.collect)},
    {NULL, "ReportStatistics", set_bool, AT(report_statistics)},
    {NULL, "BTF", set_path, AT(btf)},
    {PAGEFAULTS, "File", set_pattern, AT(pagefaults.filter), .is_list = true,
     .paths = true},
    {PAGEFAULTS, "IgnoreSelected", set_ignore, AT(pagefaults.filter)},
    {PAGEFAULTS, "Group", set_group, AT(pagefaults.groups), .is_list = true,
     .is_pair = true},
    {PAGEFAULTS, "StockGroups", set_stock, AT(pagefaults.groups)},
    {PAGEFAULTS, "MaxSeries", set_count, AT(pagefaults.max_series), SERIES},
    {PAGEFAULTS, "MaxTracked", set_count, AT(pagefaults.max_tracked), TRACKED},
    {PAGEFAULTS, "SampleAbove", set_count, AT(pagefaults.sample_above), RATE},
    {PAGEFAULTS, "Hooks", set_hooks, AT(pagefaults.hooks), .hooks = FAULT_HOOKS,
     .hooks_gone = FAULT_HOOKS_GONE},
    {SLAB, "Cache", set_pattern, AT(slab.filter), .is_list = true},
    {SLAB, "IgnoreSelected", set_ignore, AT(slab.filter)},
    {SLAB, "MaxSeries", set_count, AT(slab.max_series), SERIES},
    {SLAB, "ReportBytes", set_bool, AT(slab.report_bytes)},
    {SLAB, "Hooks", set_hooks, AT(slab.hooks), .hooks = SLAB_HOOKS},
    {SLAB, "RecoverMissed", set_recover, .offset = 0},
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

_Static_assert(OPTION_COUNT <= 32, "settings.given has a bit for each");

static const char *const blocks[] = {PAGEFAULTS, SLAB};

#define BLOCK_COUNT (sizeof(blocks) / sizeof(blocks[0]))

/* A file is one series, and two once it is waited for; a cache is four. With
 * the rest these are 112 at most, which tests/fleet/t_fleet.sh counts. */
#define FILES_DEFAULT 16
#define CACHES_DEFAULT 8

static int probe_init(struct settings_probe *probe, unsigned max_series) {
  *probe = (struct settings_probe){.collect = true,
                                   .filter = filter_new(),
                                   .max_series = max_series,
                                   .max_tracked = 8192,
                                   .sample_above = 200000};
  return probe->filter ? 0 : -ENOMEM;
}

int settings_init(struct settings *settings) {
  *settings = (struct settings){.report_statistics = true};
  if (!probe_init(&settings->pagefaults, FILES_DEFAULT) &&
      !probe_init(&settings->slab, CACHES_DEFAULT)) {
    settings->pagefaults.groups = groups_new();
    if (settings->pagefaults.groups)
      return 0;
  }
  settings_fini(settings);
  return -ENOMEM;
}

void settings_fini(struct settings *settings) {
  filter_free(settings->pagefaults.filter);
  filter_free(settings->slab.filter);
  groups_free(settings->pagefaults.groups);
  free(settings->btf);
  *settings = (struct settings){0};
}

bool settings_has_block(const char *block) {
  for (size_t i = 0; i < BLOCK_COUNT; i++)
    if (strcasecmp(block, blocks[i]) == 0)
      return true;
  return false;
}

static bool is_in_block(const struct option *option, const char *block) {
  if (!block || !option->block)
    return !block && !option->block;
  return strcasecmp(block, option->block) == 0;
}

static void report_blocks(const struct report *report, const char *before) {
  for (size_t i = 0; i < BLOCK_COUNT; i++) {
    report_append(report, "%s<%s>", before, blocks[i]);
    before = ", ";
  }
}

static int refuse_key(const char *block, const char *key,
                      const struct report *report) {
  const char *before = "";

  snprintf(report->text, report->size, "unknown option \"%.64s\"", key);
  if (block)
    report_append(report, " in <%s>", block);
  report_append(report, "; allowed are ");
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    if (!is_in_block(&options[i], block))
      continue;
    report_append(report, "%s%s", before, options[i].key);
    before = ", ";
  }
  if (!block)
    report_blocks(report, before);
  return -EINVAL;
}

int settings_refuse_block(const char *parent, const char *block, char *text,
                          size_t size) {
  const struct report report = {text, size};

  snprintf(text, size, "unknown block <%.64s>", block);
  if (parent) {
    report_append(&report, " in <%.64s>, which has options alone", parent);
    return -EINVAL;
  }
  report_append(&report, "; allowed are ");
  report_blocks(&report, "");
  return -EINVAL;
}

static const struct option *find_option(const char *block, const char *key) {
  for (size_t i = 0; i < OPTION_COUNT; i++)
    if (is_in_block(&options[i], block) && strcasecmp(key, options[i].key) == 0)
      return &options[i];
  return NULL;
}

static int refuse_values(const struct option *option,
                         const struct report *report) {
  report_option(report, option);
  if (option->is_pair)
    report_append(report, " takes two strings: %s \"/REGEX/\" \"NAME\"",
                  option->key);
  else
    report_append(report, " takes exactly one value");
  return -EINVAL;
}

/* 1 and a warning if the option was given before: the earlier value is
 * replaced. */
static int note_given(struct settings *settings, const struct option *option,
                      const struct settings_value *value,
                      const struct report *report) {
  unsigned bit = 1U << (option - options);
  bool again = (settings->given & bit) && !option->is_list;

  settings->given |= bit;
  if (!again)
    return 0;
  report_option(report, option);
  report_append(report, " is given more than once; the last value holds");
  report_value(report, value);
  return 1;
}

int settings_set(struct settings *settings, const char *block, const char *key,
                 const struct settings_value *value, char *text, size_t size) {
  const struct report report = {text, size};
  const struct option *option;
  int status;

  if (block && !settings_has_block(block))
    return settings_refuse_block(NULL, block, text, size);
  option = find_option(block, key);
  if (!option)
    return refuse_key(block, key, &report);
  if (!value || option->is_pair != (value->type == SETTINGS_PAIR))
    return refuse_values(option, &report);
  status =
      option->set(option, (char *)settings + option->offset, value, &report);
  return status ? status : note_given(settings, option, value, &report);
}
