// SPDX-License-Identifier: MIT
/* Time, spread, and a place of our own in the file system. */
#define _GNU_SOURCE
#include "bench.h"

#include "kernel/perf.h"

#include <errno.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POSSIBLE_CPUS "/sys/devices/system/cpu/possible"
#define TRACEFS "/sys/kernel/tracing"

void bench_die(const char *what, int err) {
  fprintf(stderr, "bench: %s: %s\n", what, strerror(err < 0 ? -err : err));
  exit(1);
}

void bench_run_program(const char *const argv[]) {
  int status;
  pid_t child;

  if (posix_spawnp(&child, argv[0], NULL, NULL, (char *const *)argv, environ))
    bench_die(argv[0], errno);
  if (waitpid(child, &status, 0) != child || status)
    bench_die(argv[0], ECHILD);
}

static double read_clock(clockid_t clock) {
  struct timespec now;

  clock_gettime(clock, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double bench_now_ns(void) {
  return read_clock(CLOCK_MONOTONIC);
}

double bench_cpu_ns(void) {
  return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

unsigned bench_rounds(unsigned normal) {
  const char *factor = getenv("BENCH_ROUNDS");
  double rounds = normal * (factor && *factor ? strtod(factor, NULL) : 1);

  if (rounds < 3)
    return 3;
  return rounds < ROUNDS_MAX ? (unsigned)rounds : ROUNDS_MAX;
}

long bench_setting(const char *name, long usual) {
  const char *text = getenv(name);

  return text && *text ? strtol(text, NULL, 10) : usual;
}

/* Nothing that is mounted from here on leaves this process. */
static void leave_namespace(void) {
  static bool left;

  if (!left &&
      (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, 0)))
    bench_die("a mount namespace", errno);
  left = true;
}

bool bench_mount_tracefs(void) {
  if (!access(TRACEFS "/events", X_OK))
    return true;
  leave_namespace();
  return !mount("tracefs", TRACEFS, "tracefs", 0, NULL);
}

unsigned long bench_event_id(const char *event) {
  unsigned long id = 0;
  char path[128];
  FILE *file;

  if (!bench_mount_tracefs())
    return 0;
  snprintf(path, sizeof(path), TRACEFS "/events/%s/id", event);
  file = fopen(path, "re");
  if (file && fscanf(file, "%lu", &id) != 1)
    id = 0;
  if (file)
    fclose(file);
  return id;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

struct spread spread_of(double *values, unsigned count) {
  qsort(values, count, sizeof(*values), compare);
  return (struct spread){values[count / 4], values[count / 2],
                         values[3 * count / 4]};
}

const char *spread_text(struct spread spread, int decimals) {
  static char texts[8][64];
  static unsigned turn;
  char *text = texts[turn++ % 8];

  snprintf(text, sizeof(texts[0]), "%.*f [%.*f..%.*f]", decimals, spread.middle,
           decimals, spread.low, decimals, spread.high);
  return text;
}

/* The linker has calls go here. No kernel opens an event for a CPU that it
 * cannot have, and what an event takes is not the maps'. */
static bool cpus_are_fake;
int __real_perf_open(uint64_t config, int program_fd,
                     struct perf_counter **ret_count);
int __wrap_perf_open(uint64_t config, int program_fd,
                     struct perf_counter **ret_count);

int __wrap_perf_open(uint64_t config, int program_fd,
                     struct perf_counter **ret_count) {
  if (!cpus_are_fake)
    return __real_perf_open(config, program_fd, ret_count);
  *ret_count = NULL;
  return 0;
}

/* Of whoever starts from here on. */
void bench_fake_cpus(unsigned count) {
  char path[] = "/tmp/bpfmem-bench-XXXXXX";
  int fd = mkstemp(path);

  leave_namespace();
  cpus_are_fake = true;
  if (fd < 0 || dprintf(fd, "0-%u\n", count - 1) < 0 ||
      mount(path, POSSIBLE_CPUS, NULL, MS_BIND, NULL))
    bench_die(POSSIBLE_CPUS, errno);
  close(fd);
  unlink(path);
}
