// SPDX-License-Identifier: MIT
/* What a read costs: CPU time of the thread, and system calls. */
#include "bench.h"
#include "syscalls.h"

#include <stdio.h>
#include <sys/stat.h>

#define READS 41
#define FILES 8192
#define CACHES 250
#define FEW 1009
#define MANY 1000003
#define MANY_READS 5 /* of those before which MANY events happen */

/* What happens between two reads. */
struct between {
  const char *name;
  unsigned reads;
  void (*happen)(struct bench_files *files);
};

struct readings {
  double cpu_us[ROUNDS_MAX], calls[ROUNDS_MAX];
};

static void nothing(struct bench_files *files) {
  (void)files;
}

/* An object of names_cache each, allocated and freed. */
static void objects(unsigned count) {
  struct stat status;

  for (unsigned i = 0; i < count / 2; i++)
    (void)!stat("/no such file", &status);
}

static void few_objects(struct bench_files *files) {
  (void)files;
  objects(FEW);
}

static void many_objects(struct bench_files *files) {
  (void)files;
  objects(MANY);
}

static void few_faults(struct bench_files *files) {
  for (unsigned i = 0; i < FEW; i++)
    bench_files_fault(files, 0, 1);
}

static void many_faults(struct bench_files *files) {
  for (unsigned i = 0; i < MANY; i++)
    bench_files_fault(files, 0, 1);
}

/* Each file is in use: no slot is given back. */
static void all_files(struct bench_files *files) {
  bench_files_fault(files, 0, FILES);
}

static const struct between of_slab[] = {
    {"no event but the machine's own", READS, nothing},
    {"1009 events of one cache", READS, few_objects},
    {"1000003 events of one cache", MANY_READS, many_objects},
    {NULL, 0, NULL},
};

static const struct between of_idle_slab[] = {
    {"no event but the machine's own", READS, nothing},
    {NULL, 0, NULL},
};

/* Half the table, of which no slot is given back while it is idle. */
static const struct between of_half[] = {
    {"no fault but the machine's own", READS, nothing},
    {"1009 faults on one file", READS, few_faults},
    {"1000003 faults on one file", MANY_READS, many_faults},
    {"a fault on each file", READS, all_files},
    {NULL, 0, NULL},
};

static const struct between of_full[] = {
    {"a fault on each file", READS, all_files},
    {NULL, 0, NULL},
};

static void read_timed(struct session *session, int syscalls,
                       struct readings *readings, unsigned i) {
  double start;

  syscalls_since(syscalls);
  start = bench_cpu_ns();
  session_read(session);
  readings->cpu_us[i] = (bench_cpu_ns() - start) / 1e3;
  readings->calls[i] = syscalls_since(syscalls);
}

static void report(const char *name, struct readings *readings,
                   unsigned count) {
  struct spread calls = spread_of(readings->calls, count);

  printf("  %-36s %-24s %6.0f\n", name,
         spread_text(spread_of(readings->cpu_us, count), 0), calls.middle);
  fflush(stdout);
}

static void measure(struct session *session, struct bench_files *files,
                    int syscalls, const struct between *between) {
  static struct readings readings;

  for (; between->name; between++) {
    unsigned reads =
        between->reads == READS ? bench_rounds(READS) : between->reads;

    session_read(session);
    for (unsigned i = 0; i < reads; i++) {
      between->happen(files);
      read_timed(session, syscalls, &readings, i);
    }
    report(between->name, &readings, reads);
  }
}

/* Until each file has its name: the way of names holds some hundreds. */
static void name_files(struct session *session, struct bench_files *files) {
  for (int i = 0; i < 100; i++) {
    for (unsigned first = 0; first < FILES; first += 256) {
      bench_files_fault(files, first, 256);
      session_read(session);
    }
    all_files(files);
    session_read(session);
    if (session_stat(session, "unnamed") == 0)
      return;
  }
}

static void measure_slab(int syscalls, const struct between *between,
                         bool without_held) {
  struct session *slab = session_open(&(struct session_options){
      .id = PROBE_SLAB, .more_rows = CACHES, .without_held = without_held});

  session_read(slab);
  printf(
      "slab, %.0f caches of this machine and %u more, with an event each%s\n",
      session_stat(slab, "tracked"), CACHES,
      without_held ? "; without /proc/slabinfo" : "");
  measure(slab, NULL, syscalls, between);
  session_close(slab);
}

static void measure_faults(int syscalls, unsigned max_tracked,
                           const struct between *between) {
  struct session *faults = session_open(&(struct session_options){
      .id = PROBE_PAGEFAULT, .max_tracked = max_tracked});
  struct bench_files *files = bench_files_new(FILES);

  name_files(faults, files);
  printf("page faults, %.0f files with names, MaxTracked %u\n",
         session_stat(faults, "tracked") - session_stat(faults, "unnamed"),
         max_tracked);
  measure(faults, files, syscalls, between);
  bench_files_free(files);
  session_close(faults);
}

/* A full table gives the slots of all idle files back at once. */
static void measure_return(int syscalls) {
  struct session *faults =
      session_open(&(struct session_options){.id = PROBE_PAGEFAULT});
  struct bench_files *files = bench_files_new(FILES);
  static struct readings readings;

  name_files(faults, files);
  printf("the same after which no file is in use: slots are given back\n");
  for (unsigned i = 0; i < 4; i++) {
    read_timed(faults, syscalls, &readings, i);
    printf("  read %u                               %-24.0f %6.0f\n", i + 1,
           readings.cpu_us[i], readings.calls[i]);
  }
  bench_files_free(files);
  session_close(faults);
}

void part_harvest(void) {
  int syscalls = syscalls_open();

  printf("A read, statistics included; what collectd adds is not.\n\n"
         "%-38s %-24s %6s\n",
         "before each read", "CPU time, us", "calls");
  measure_slab(syscalls, of_slab, false);
  measure_slab(syscalls, of_idle_slab, true);
  measure_faults(syscalls, 2 * FILES, of_half);
  measure_faults(syscalls, FILES, of_full);
  measure_return(syscalls);
}
