// SPDX-License-Identifier: MIT
/* Fault on a file's (or another) mapping in one known way and print what the
 * kernel itself accounted for that: "NAME minflt majflt" of getrusage. */

#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WARM_PAGES = 17 };

size_t page_size;

void fail(const char *format, ...) {
  va_list args;
  va_start(args, format);
  dprintf(2, "faults: ");
  vdprintf(2, format, args);
  dprintf(2, "\n");
  va_end(args);
  exit(1);
}

void check(bool ok, const char *what) {
  if (!ok)
    fail("%s: %s", what, strerror(errno));
}

static struct faults run_on(const struct workload *work, const char *path,
                            size_t pages, bool check_quiet) {
  struct area area = {.work = work,
                      .path = path,
                      .pages = pages,
                      .unit = page_size,
                      .step = pages * 5 / 8,
                      .check_quiet = check_quiet};
  if (!work->where)
    create_file(&area);
  if (work->cold)
    make_cold(&area);
  settle();
  return work->measure(&area);
}

/* Run all code once, on another file, and prove that nothing but the area
 * faults. */
static void warm_up(const struct workload *work, const char *path) {
  size_t pages = work->pages < WARM_PAGES ? work->pages : WARM_PAGES;
  char warm[4096];
  int size = snprintf(warm, sizeof(warm), "%s.warm", path);
  if (size >= (int)sizeof(warm))
    fail("%s: name too long", path);
  run_on(work, warm, pages, !work->noisy);
  if (!work->where)
    unlink(warm);
}

/* With -w the caller reads its own counters before and after. */
static void await_caller(bool wait, const char *message) {
  char line[64];
  if (!wait)
    return;
  dprintf(1, "%s", message);
  check(read(0, line, sizeof(line)) >= 0, "read");
}

static void run(const struct workload *work, const char *path, bool wait) {
  warm_up(work, path);
  await_caller(wait, "ready\n");
  struct faults count = run_on(work, path, work->pages, false);
  dprintf(1, "%s %ld %ld\n", work->name, count.minor, count.major);
  await_caller(wait, "");
}

static void run_between_pauses(const struct workload *work) {
  long ms = pause_ms;
  pause_ms = 0;
  warm_up(work, "");
  pause_ms = ms;
  struct faults count = run_on(work, "", work->pages, false);
  dprintf(1, "%s %s %ld %ld %.3f %.3f\n", work->name, work->where, count.minor,
          count.major, accessed_from, accessed_to);
}

static const struct workload *find(const char *name, bool filed) {
  static struct workload found;
  for (size_t i = 0; i < workloads_count; i++) {
    found = workload_complete(&workloads[i]);
    if (strcmp(name, found.name) == 0 && filed == !found.where)
      return &found;
  }
  fail("no workload %s %s file", name, filed ? "with a" : "without");
}

static int list(void) {
  for (size_t i = 0; i < workloads_count; i++) {
    const struct workload *work = &workloads[i];
    printf("%s %s%s%s\n", work->name, work->where ? work->where : "FILE",
           work->need ? " " : "", work->need ? work->need : "");
  }
  return 0;
}

/* One program of exec_storm and the like. */
static int run_as_program(char **args) {
  const struct workload *work = find(args[0], true);
  struct area area = {.work = work,
                      .path = args[1],
                      .pages = strtoul(args[2], NULL, 10),
                      .unit = page_size,
                      .step = strtoul(args[3], NULL, 10)};
  count_for_parent(&area, 1);
  return 0;
}

static int usage(void) {
  fprintf(stderr,
          "usage: faults list\n"
          "       faults [-w] NAME [FILE]\n"
          "       faults -p MS NAME...\n"
          "list prints for each NAME: FILE, or the class that its faults count "
          "for;\n"
          "then what it needs, if anything. FILE is created; FILE.warm is "
          "created\n"
          "and removed before. Prints NAME and the minor and major faults.\n"
          "  -w  print \"ready\" and wait for a line before the accesses, and "
          "for\n"
          "      another after the counts are printed\n"
          "  -p  one after the other, resting MS milliseconds before and after "
          "the\n"
          "      accesses; prints NAME, class, counts, and when they began and "
          "ended\n");
  return 2;
}

int main(int argc, char **argv) {
  page_size = (size_t)sysconf(_SC_PAGESIZE);
  if (argc == 2 && strcmp(argv[1], "list") == 0)
    return list();
  if (argc == 6 && strcmp(argv[1], "-e") == 0)
    return run_as_program(argv + 2);
  if (argc > 3 && strcmp(argv[1], "-p") == 0) {
    pause_ms = strtol(argv[2], NULL, 10);
    for (int i = 3; i < argc; i++)
      run_between_pauses(find(argv[i], false));
    return 0;
  }
  bool wait = argc > 1 && strcmp(argv[1], "-w") == 0;
  argc -= wait;
  argv += wait;
  if ((argc != 2 && argc != 3) || argv[1][0] == '-')
    return usage();
  run(find(argv[1], argc == 3), argc == 3 ? argv[2] : "", wait);
  return 0;
}
