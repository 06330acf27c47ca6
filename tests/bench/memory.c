// SPDX-License-Identifier: MIT
/* Kernel memory by map, for this machine's CPUs and many, and what a process
 * grows by. */
#include "bench.h"
#include "kernelmem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES 8192
#define MANY_FILES 16384
#define MANY_CPUS 512
#define BATCH 101 /* files between two reads */

/* A probe opened in a process of its own, which believes in `cpus` if that is
 * not 0: libbpf asks once. */
static struct kernelmem kernel_memory(enum probe_id id, unsigned max_tracked,
                                      unsigned cpus) {
  struct kernelmem *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = shared == MAP_FAILED ? -1 : fork();
  struct kernelmem result;
  int status;

  if (child < 0)
    bench_die("fork", errno);
  if (!child) {
    if (cpus)
      bench_fake_cpus(cpus);
    session_read(session_open(
        &(struct session_options){.id = id, .max_tracked = max_tracked}));
    kernelmem_read(shared);
    _exit(0);
  }
  if (waitpid(child, &status, 0) != child || status)
    bench_die("child", ECHILD);
  result = *shared;
  munmap(shared, sizeof(*shared));
  return result;
}

static void print_row(const char *name, const double bytes[4]) {
  printf("  %-18s", name);
  for (int i = 0; i < 4; i++)
    printf(" %11.1f", bytes[i] / 1024);
  putchar('\n');
}

/* All tables are linear in files, in CPUs, or in both. */
static void print_slopes(const double sum[4], unsigned cpus) {
  double files = MANY_FILES - FILES, more = MANY_CPUS - cpus;
  double per_file_and_cpu = (sum[3] - sum[2] - sum[1] + sum[0]) / files / more;
  double per_file = (sum[2] - sum[0]) / files - cpus * per_file_and_cpu;
  double per_cpu = (sum[1] - sum[0]) / more - FILES * per_file_and_cpu;
  double rest =
      sum[0] - FILES * per_file - cpus * (per_cpu + FILES * per_file_and_cpu);

  printf("  = %.0f KiB + CPUs * %.1f KiB + MaxTracked * (%.0f + CPUs * %.1f) "
         "bytes\n",
         rest / 1024, per_cpu / 1024, per_file, per_file_and_cpu);
}

/* Per probe: columns are CPUs and files here, many CPUs, many files, both. */
static void print_kernel(enum probe_id id, unsigned cpus) {
  struct kernelmem memory[4];
  double row[4], sum[4];

  for (int i = 0; i < 4; i++)
    memory[i] =
        kernel_memory(id, i & 2 ? MANY_FILES : FILES, i & 1 ? MANY_CPUS : 0);
  printf("%s\n", probes[id]->name);
  for (unsigned j = 0; j < memory[0].count; j++) {
    for (int i = 0; i < 4; i++)
      row[i] = kernelmem_of(&memory[i], memory[0].item[j].name);
    print_row(memory[0].item[j].name, row);
  }
  for (int i = 0; i < 4; i++)
    sum[i] = kernelmem_sum(&memory[i]);
  print_row("sum", sum);
  print_slopes(sum, cpus);
}

/* KiB, of /proc/self/smaps_rollup. */
static long rollup(const char *field) {
  FILE *file = fopen("/proc/self/smaps_rollup", "re");
  char line[128], name[32];
  long value = 0, found;

  while (file && fgets(line, sizeof(line), file))
    if (sscanf(line, "%31[^:]: %ld kB", name, &found) == 2 &&
        !strcmp(name, field))
      value = found;
  if (file)
    fclose(file);
  return value;
}

static void print_growth(const char *when) {
  printf("  %-40s %6ld %9ld\n", when, rollup("Rss"), rollup("Anonymous"));
  fflush(stdout);
}

/* Files that come and go, each faulted on once, with a read after some. */
static void churn(struct session *faults, struct session *slab, long count) {
  for (long done = 0; done < count; done += BATCH) {
    struct bench_files *files = bench_files_new(BATCH);

    bench_files_fault(files, 0, BATCH);
    bench_files_free(files);
    session_read(faults);
    session_read(slab);
  }
}

static void measure_growth(void) {
  long count = bench_setting("BENCH_FILES", 40 * 1009);
  struct session *faults, *slab;
  char text[64];

  printf("\n%-42s %6s %9s\n", "this process, KiB", "RSS", "anonymous");
  print_growth("before the start");
  faults = session_open(&(struct session_options){.id = PROBE_PAGEFAULT});
  slab = session_open(&(struct session_options){.id = PROBE_SLAB});
  print_growth("both probes started");
  session_read(faults);
  session_read(slab);
  print_growth("first read");
  for (int part = 0; part < 4; part++) {
    churn(faults, slab, count / 4);
    snprintf(text, sizeof(text), "%ld files, %ld reads later",
             (part + 1) * (count / 4), (part + 1) * (count / 4) / BATCH);
    print_growth(text);
  }
  printf("  names held: %.0f, files tracked: %.0f\n",
         session_stat(faults, "names_tracked"),
         session_stat(faults, "tracked"));
  session_close(slab);
  session_close(faults);
  print_growth("both probes closed");
}

void part_memory(void) {
  unsigned cpus = (unsigned)sysconf(_SC_NPROCESSORS_CONF);

  printf("%-20s %11u %11u %11u %11u\n", "kernel memory: CPUs", cpus, MANY_CPUS,
         cpus, MANY_CPUS);
  printf("%-20s %11u %11u %11u %11u  (KiB)\n", "MaxTracked", FILES, FILES,
         MANY_FILES, MANY_FILES);
  print_kernel(PROBE_PAGEFAULT, cpus);
  print_kernel(PROBE_SLAB, cpus);
  measure_growth();
}
