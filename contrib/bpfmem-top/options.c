// SPDX-License-Identifier: MIT
/* Command line -> struct options. The plugin's parser checks what is an option
 * of the plugin, too. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_DEFAULT 20
#define ROWS_MAX 1000000
#define INTERVAL_MIN 0.1
#define INTERVAL_MAX 86400
#define COUNT_MAX 1000000000
#define NS_PER_S 1000000000

/* Above all characters, so that optopt tells long options from short ones. */
enum { LONG_PROBE = 256, LONG_HELP, LONG_VERSION };

static const struct option long_options[] = {
    {"files", no_argument, NULL, 'a'},
    {"exact", no_argument, NULL, 'e'},
    {"filter", required_argument, NULL, 'F'},
    {"output", required_argument, NULL, 'o'},
    {"sort", required_argument, NULL, 'k'},
    {"probe", no_argument, NULL, LONG_PROBE},
    {"help", no_argument, NULL, LONG_HELP},
    {"version", no_argument, NULL, LONG_VERSION},
    {0}};

void options_help(void) {
  printf(
      "usage: bpfmem-top [-f | -s] [-a] [-n ROWS] [-k COLUMN] [-F REGEX] [-e]\n"
      "                  [-o FORMAT] [-H HOOKS] [-m FILES] [-v] "
      "[interval [count]]\n"
      "       bpfmem-top --probe [-f | -s] [-H HOOKS] [-v]\n"
      "       bpfmem-top --help | --version\n"
      "\n"
      "Shows page faults per file and slab objects per kernel cache, what "
      "hurts most\n"
      "first, at each interval (default: 1 second), count times (default: "
      "endless):\n"
      "on a terminal as a full screen (press ? there), else as tables.\n"
      "\n"
      "  -f         page faults only\n"
      "  -s         slab caches only\n"
      "  -a         all files one by one: no groups, such as locale and rrd\n"
      "  -n ROWS    rows per table; the rest is summed (default: %d,\n"
      "             all with -o json and csv)\n"
      "  -k COLUMN  sort by it: stalled_ms major minor events name, or alloc "
      "free\n"
      "             objects growth held events name (default: hurt)\n"
      "  -F REGEX   only rows whose name matches\n"
      "  -e         exact counts of each interval, not rates\n"
      "  -o FORMAT  json: an object a line; csv; table, also on a terminal\n"
      "  -H HOOKS   auto (default) or fexit; event: for page faults alone;\n"
      "             kprobe or tracepoint: for slab caches alone\n"
      "  -m FILES   how many files the kernel can tell apart\n"
      "  -v         say which hooks are used; -vv: what libbpf says, too\n"
      "  --probe    list all hooks, and which of them this kernel has\n"
      "\n"
      "Needs root, or CAP_BPF and CAP_PERFMON. More: man bpfmem-top\n",
      ROWS_DEFAULT);
}

__attribute__((format(printf, 1, 2))) static int refuse(const char *format,
                                                        ...) {
  va_list args;

  va_start(args, format);
  fputs("bpfmem-top: ", stderr);
  vfprintf(stderr, format, args);
  fputs("; see bpfmem-top --help\n", stderr);
  va_end(args);
  return -EINVAL;
}

/* Accepts digits and at most one point, but no sign, blank, exponent, "inf" or
 * "nan". */
static bool parse_number(const char *text, double *ret_number) {
  size_t digits = strspn(text, "0123456789");
  char *end;

  if (!digits || text[strspn(text, "0123456789.")])
    return false;
  *ret_number = strtod(text, &end);
  return !*end;
}

static int parse_count(const char *name, const char *text, unsigned min,
                       unsigned max, unsigned *ret_count) {
  double number;

  if (!parse_number(text, &number) || number < min || number > max ||
      number != (unsigned)number)
    return refuse("%s: \"%s\" is not an integer from %u to %u", name, text, min,
                  max);
  *ret_count = (unsigned)number;
  return 0;
}

static int parse_interval(const char *text, uint64_t *ret_interval_ns) {
  double seconds;

  if (!parse_number(text, &seconds) || seconds < INTERVAL_MIN ||
      seconds > INTERVAL_MAX)
    return refuse("interval: \"%s\" is not a number of seconds from %g to %d",
                  text, INTERVAL_MIN, INTERVAL_MAX);
  *ret_interval_ns = (uint64_t)(seconds * NS_PER_S);
  return 0;
}

static int set_tracked(struct options *options, const char *text) {
  struct settings_value value = {.type = SETTINGS_STRING, .string = text};
  char reason[256];
  double number;
  int err;

  if (parse_number(text, &number))
    value = (struct settings_value){.type = SETTINGS_NUMBER, .number = number};
  err = settings_set(&options->settings, "PageFaults", "MaxTracked", &value,
                     reason, sizeof(reason));
  if (err < 0)
    refuse("-m: %s", reason);
  return err < 0 ? err : 0;
}

static int set_output(struct options *options, const char *text) {
  static const char *const names[] = {[OPTIONS_TABLE] = "table",
                                      [OPTIONS_JSON] = "json",
                                      [OPTIONS_CSV] = "csv"};

  for (int i = OPTIONS_TABLE; i <= OPTIONS_CSV; i++)
    if (!strcmp(text, names[i])) {
      options->output = (enum options_output)i;
      return 0;
    }
  return refuse("-o: \"%s\" is not one of table, json, csv", text);
}

/* Sets the order of each table that has the column. */
static int set_sort(struct options *options, const char *text) {
  enum column column = column_find(text);

  if (column == COLUMN_COUNT)
    return refuse("-k: \"%s\" is not one of minor, major, stalled_ms, alloc, "
                  "free, objects, "
                  "growth, held, events, name, hurt",
                  text);
  for (int id = 0; id < PROBE_COUNT; id++)
    if (column_is_of(column, (enum probe_id)id))
      options->sort[id] = column;
  return 0;
}

static void drop_filter(struct options *options) {
  if (options->filter_text)
    regfree(&options->filter);
  free(options->filter_text);
  options->filter_text = NULL;
}

static int set_filter(struct options *options, const char *text) {
  int failure;

  if (strlen(text) >= OPTIONS_FILTER_SIZE)
    return refuse("-F: longer than %d bytes", OPTIONS_FILTER_SIZE - 1);
  drop_filter(options);
  failure = regcomp(&options->filter, text, REG_EXTENDED | REG_NOSUB);
  if (failure) {
    char reason[128];

    regerror(failure, &options->filter, reason, sizeof(reason));
    return refuse("-F: \"%s\" is no regular expression: %s", text, reason);
  }
  options->filter_text = strdup(text);
  if (options->filter_text)
    return 0;
  regfree(&options->filter);
  return -ENOMEM;
}

const regex_t *options_filter(const struct options *options) {
  return options->filter_text ? &options->filter : NULL;
}

/* Each shown table takes a hook that it knows. At least one table must know it.
 */
static int choose_hooks(struct options *options, const char *text) {
  struct settings *settings = &options->settings;
  const struct settings_value value = {.type = SETTINGS_STRING, .string = text};
  char faults[256] = "", slab[256] = "";
  bool is_known = false;

  if (settings->pagefaults.collect)
    is_known = settings_set(settings, "PageFaults", "Hooks", &value, faults,
                            sizeof(faults)) >= 0;
  if (settings->slab.collect)
    is_known |= settings_set(settings, "Slab", "Hooks", &value, slab,
                             sizeof(slab)) >= 0;
  if (is_known)
    return 0;
  return refuse("-H: %s%s%s", faults, faults[0] && slab[0] ? "; " : "", slab);
}

static int refuse_option(int found, char **argv) {
  if (found == ':')
    return refuse("option -%c needs an argument", optopt);
  if (optopt > 0 && optopt < LONG_PROBE)
    return refuse("unknown option -%c", optopt);
  return refuse("unknown option %s", argv[optind - 1]);
}

/* Which tables the user asked for, and by which hooks; neither table means
 * both. */
struct tables {
  bool faults, slab;
  const char *hooks;
};

static int take_option(struct options *options, struct tables *tables,
                       int found, char **argv) {
  switch (found) {
  case 'f':
    tables->faults = true;
    return 0;
  case 's':
    tables->slab = true;
    return 0;
  case 'a':
    groups_use_stock(options->settings.pagefaults.groups, false);
    return 0;
  case 'v':
    options->verbose++;
    return 0;
  case 'n':
    options->limits_rows = true;
    return parse_count("-n", optarg, 0, ROWS_MAX, &options->rows_max);
  case 'H':
    tables->hooks = optarg;
    return 0;
  case 'm':
    return set_tracked(options, optarg);
  case 'k':
    return set_sort(options, optarg);
  case 'F':
    return set_filter(options, optarg);
  case 'o':
    return set_output(options, optarg);
  case 'e':
    options->form = LINE_EXACT;
    return 0;
  case LONG_PROBE:
    options->action = OPTIONS_PROBE;
    return 0;
  case 'h':
  case LONG_HELP:
    options->action = OPTIONS_HELP;
    return 0;
  case LONG_VERSION:
    options->action = OPTIONS_VERSION;
    return 0;
  default:
    return refuse_option(found, argv);
  }
}

static int take_operands(struct options *options, int argc, char **argv) {
  int err = 0;

  if (argc > 0 && options->action == OPTIONS_PROBE)
    return refuse("--probe takes no interval, but got \"%s\"", argv[0]);
  if (argc > 2)
    return refuse("one argument too many: \"%s\"", argv[2]);
  if (argc > 0)
    err = parse_interval(argv[0], &options->interval_ns);
  if (argc > 1 && !err)
    err = parse_count("count", argv[1], 1, COUNT_MAX, &options->count);
  return err;
}

/* A sample is an estimate. */
static void sample_only_rates(struct options *options) {
  if (options->form == LINE_EXACT || options->output > OPTIONS_TABLE)
    options->settings.pagefaults.sample_above = 0;
}

int options_parse(struct options *options, int argc, char **argv) {
  struct tables tables = {0};
  int found, err;

  *options = (struct options){.rows_max = ROWS_DEFAULT,
                              .interval_ns = NS_PER_S,
                              .sort = {COLUMN_HURT, COLUMN_HURT}};
  err = settings_init(&options->settings);
  if (err)
    return err;
  opterr = 0;
  while ((found = getopt_long(argc, argv, ":aefshvF:H:k:m:n:o:", long_options,
                              NULL)) != -1) {
    err = take_option(options, &tables, found, argv);
    if (err || options->action >= OPTIONS_HELP)
      return err;
  }
  if (!options->limits_rows && options->output > OPTIONS_TABLE)
    options->rows_max = ROWS_MAX;
  sample_only_rates(options);
  if (tables.faults != tables.slab) {
    options->settings.pagefaults.collect = tables.faults;
    options->settings.slab.collect = tables.slab;
  }
  if (tables.hooks)
    err = choose_hooks(options, tables.hooks);
  return err ? err : take_operands(options, argc - optind, argv + optind);
}

void options_fini(struct options *options) {
  drop_filter(options);
  settings_fini(&options->settings);
}
