// SPDX-License-Identifier: MIT
/* What the plugin costs: runs the parts that are named. */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct part {
  const char *name, *about;
  bench_part *run;
} parts[] = {
    {"micro", "what an event costs", part_micro},
    {"macro", "what programs lose", part_macro},
    {"harvest", "what a read costs", part_harvest},
    {"start", "what the start costs", part_start},
    {"memory", "kernel memory, and growth of this process", part_memory},
    {"contention", "what an event costs when every CPU has the same",
     part_contention},
    {"vm", "what an event costs by each hook", part_vm},
};

#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

static const struct part *find_part(const char *name) {
  for (size_t i = 0; i < PART_COUNT; i++)
    if (!strcmp(parts[i].name, name))
      return &parts[i];
  return NULL;
}

static int usage(void) {
  fputs("usage: bench PART...\n\n", stderr);
  for (size_t i = 0; i < PART_COUNT; i++)
    fprintf(stderr, "  %-10s  %s\n", parts[i].name, parts[i].about);
  return 2;
}

/* In a process of its own: the parts leave mounts, and libbpf asks some things
 * only once. */
static int run(const struct part *part) {
  double start = bench_now_ns();
  pid_t child;
  int status;

  printf("\n== %s: %s\n", part->name, part->about);
  fflush(stdout);
  child = fork();
  if (child < 0)
    bench_die("fork", errno);
  if (!child) {
    part->run();
    fflush(stdout);
    _exit(0);
  }
  if (waitpid(child, &status, 0) != child || status)
    return 1;
  printf("(%.0f s)\n", (bench_now_ns() - start) / 1e9);
  fflush(stdout);
  return 0;
}

int main(int argc, char **argv) {
  int status = 0;

  log_libbpf(NULL);
  for (int i = 1; i < argc; i++)
    if (!find_part(argv[i]))
      return usage();
  if (argc < 2)
    return usage();
  for (int i = 1; i < argc; i++)
    status |= run(find_part(argv[i]));
  return status;
}
