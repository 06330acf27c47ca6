// SPDX-License-Identifier: MIT
/* How long the probes take to start, beside what libbpf alone needs. */
#include "bench.h"

#include "kernel/features.h"
#include "pagefault/api.h"

#include "pagefault/pagefault.skel.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 15

struct step {
  const char *name;
  void (*run)(void);
};

static void parse_btf(void) {
  struct btf *btf = btf__load_vmlinux_btf();

  if (!btf)
    bench_die("BTF", errno);
  btf__free(btf);
}

/* The programs that need no permission beyond that for events, with the
 * smallest tables. */
static void load_object(void) {
  struct pagefault_bpf *bpf = pagefault_bpf__open();
  struct bpf_program *program;

  if (!bpf)
    bench_die("object", errno);
  bpf_object__for_each_program(program, bpf->obj)
      bpf_program__set_autoload(program, false);
  bpf_program__set_autoload(bpf->progs.pf_minor_event, true);
  bpf_program__set_autoload(bpf->progs.pf_major_event, true);
  if (pagefault_bpf__load(bpf))
    bench_die("object", errno);
  pagefault_bpf__destroy(bpf);
}

static void open_faults(void) {
  session_open(&(struct session_options){.id = PROBE_PAGEFAULT});
}

static void open_slab(void) {
  session_open(&(struct session_options){.id = PROBE_SLAB});
}

static void open_both(void) {
  struct features kernel = {0};

  session_open(
      &(struct session_options){.id = PROBE_PAGEFAULT, .kernel = &kernel});
  session_open(&(struct session_options){.id = PROBE_SLAB, .kernel = &kernel});
  features_forget(&kernel);
}

static const struct step steps[] = {
    {"libbpf: the kernel's BTF", parse_btf},
    {"libbpf: an object, two programs", load_object},
    {"page faults", open_faults},
    {"slab", open_slab},
    {"both: the plugin's init", open_both},
};

#define STEP_COUNT (sizeof(steps) / sizeof(steps[0]))

struct times {
  double wall_ms, cpu_ms;
};

/* In a process of its own: the second time is another one. */
static struct times measure(const struct step *step) {
  struct times *times = mmap(NULL, sizeof(*times), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  struct times result;
  pid_t child = times == MAP_FAILED ? -1 : fork();
  int status;

  if (child < 0)
    bench_die("fork", errno);
  if (!child) {
    double wall = bench_now_ns(), cpu = bench_cpu_ns();

    step->run();
    times->wall_ms = (bench_now_ns() - wall) / 1e6;
    times->cpu_ms = (bench_cpu_ns() - cpu) / 1e6;
    _exit(0);
  }
  if (waitpid(child, &status, 0) != child || status)
    bench_die(step->name, ECHILD);
  result = *times;
  munmap(times, sizeof(*times));
  return result;
}

void part_start(void) {
  static double wall[STEP_COUNT][ROUNDS_MAX], cpu[STEP_COUNT][ROUNDS_MAX];
  unsigned rounds = bench_rounds(ROUNDS);

  for (unsigned round = 0; round < rounds; round++)
    for (size_t i = 0; i < STEP_COUNT; i++) {
      struct times times = measure(&steps[i]);

      wall[i][round] = times.wall_ms;
      cpu[i][round] = times.cpu_ms;
    }
  printf("%-36s %-22s %s\n", "ms", "elapsed", "CPU time");
  for (size_t i = 0; i < STEP_COUNT; i++)
    printf("%-36s %-22s %s\n", steps[i].name,
           spread_text(spread_of(wall[i], rounds), 0),
           spread_text(spread_of(cpu[i], rounds), 0));
}
