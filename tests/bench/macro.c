// SPDX-License-Identifier: MIT
/* What programs lose: fork and exec, a build, files that come and go; on one
 * CPU and on all; with empty programs at the hooks of both probes, and with
 * both probes and a thread that reads each second. */
#define _GNU_SOURCE
#include "micro.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 11
#define SPAWNS 53
#define CREATED 503
#define READ_SECONDS 1 /* collectd: 10 */

struct job {
  const char *name;
  unsigned bursts; /* per round: the fastest one counts */
  double (*run)(void *arg, unsigned i, unsigned count);
};

static double spawn_storm(void *arg, unsigned i, unsigned count) {
  static const char *const argv[] = {"/bin/true", NULL};

  (void)arg;
  for (unsigned n = i; n < SPAWNS; n += count)
    bench_run_program(argv);
  return 0;
}

/* The sources of this plugin's core, as configure found the compiler. */
static double build(void *arg, unsigned i, unsigned count) {
  static const char *const sources[] = {"filter",  "label",    "path", "rank",
                                        "sampler", "settings", "tally"};
  const char *compiler = getenv("BENCH_CC"), *root = getenv("BENCH_SOURCE");
  char include[4096], path[4096];

  (void)arg;
  snprintf(include, sizeof(include), "-I%s/plugin", root);
  for (size_t n = i; n < sizeof(sources) / sizeof(sources[0]); n += count) {
    const char *const argv[] = {
        compiler, "-std=gnu11",     "-O2", "-c", "-o", "/dev/null",
        include,  "-D_GNU_SOURCE=", path,  NULL};

    snprintf(path, sizeof(path), "%s/plugin/core/%s.c", root, sources[n]);
    bench_run_program(argv);
  }
  return 0;
}

static double create_storm(void *arg, unsigned i, unsigned count) {
  char path[] = "/var/tmp/bpfmem-bench-XXXXXX", file[64];

  (void)arg;
  if (!mkdtemp(path))
    bench_die(path, errno);
  for (unsigned n = i; n < CREATED; n += count) {
    int fd;

    snprintf(file, sizeof(file), "%s/%u", path, n);
    fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, file, strlen(file)) < 0)
      bench_die(file, errno);
    close(fd);
    unlink(file);
  }
  rmdir(path);
  return 0;
}

static const struct job jobs[] = {
    {"53 times fork and exec of /bin/true", 11, spawn_storm},
    {"build: cc -O2 of 7 C files", 2, build},
    {"503 files created, written, removed", 11, create_storm},
};

#define JOB_COUNT 3

static struct {
  struct session *session[PROBE_COUNT];
  pthread_t reader;
  pthread_mutex_t lock;
  pthread_cond_t end;
  bool ended;
} plugin = {.lock = PTHREAD_MUTEX_INITIALIZER, .end = PTHREAD_COND_INITIALIZER};

static void *read_often(void *arg) {
  struct timespec until;

  pthread_mutex_lock(&plugin.lock);
  while (!plugin.ended) {
    for (int id = 0; id < PROBE_COUNT; id++)
      session_read(plugin.session[id]);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += READ_SECONDS;
    pthread_cond_timedwait(&plugin.end, &plugin.lock, &until);
  }
  pthread_mutex_unlock(&plugin.lock);
  return arg;
}

static void plugin_start(void) {
  for (int id = 0; id < PROBE_COUNT; id++)
    plugin.session[id] =
        session_open(&(struct session_options){.id = (enum probe_id)id});
  plugin.ended = false;
  if (pthread_create(&plugin.reader, NULL, read_often, NULL))
    bench_die("thread", errno);
}

static void plugin_stop(void) {
  pthread_mutex_lock(&plugin.lock);
  plugin.ended = true;
  pthread_cond_signal(&plugin.end);
  pthread_mutex_unlock(&plugin.lock);
  pthread_join(plugin.reader, NULL);
  for (int id = 0; id < PROBE_COUNT; id++)
    session_close(plugin.session[id]);
}

static void enter(enum state state, struct empty *empty[2]) {
  if (state == BPFMEM)
    plugin_start();
  if (state != EMPTY)
    return;
  empty_open(EMPTY_FAULT_EVENTS, &empty[0]);
  empty_open(EMPTY_SLAB_TRACEPOINTS, &empty[1]);
}

static void leave(enum state state, struct empty *empty[2]) {
  if (state == BPFMEM)
    plugin_stop();
  empty_close(empty[0]);
  empty_close(empty[1]);
}

/* By job, with one CPU or all. */
static struct {
  struct rounds wall, cpu;
  struct {
    double wall[ROUNDS_MAX], cpu[ROUNDS_MAX];
  } state[BPFMEM + 1];
} results[JOB_COUNT][2];

static double lower(double a, double b) {
  return a < b ? a : b;
}

static struct worker_times fastest(const struct job *job, unsigned cpus) {
  struct worker_times best, times;

  workers_run(cpus, job->run, NULL, &best);
  for (unsigned burst = 1; burst < job->bursts; burst++) {
    workers_run(cpus, job->run, NULL, &times);
    best.wall_ns = lower(best.wall_ns, times.wall_ns);
    best.cpu_ns = lower(best.cpu_ns, times.cpu_ns);
  }
  return best;
}

static void keep(int job, int many, unsigned round, enum state state,
                 bool after, const struct worker_times *times) {
  struct rounds *wall = &results[job][many].wall;
  struct rounds *cpu = &results[job][many].cpu;

  wall->count = cpu->count = round + 1;
  if (state == NOTHING) {
    (after ? wall->after : wall->before)[round] = times->wall_ns;
    (after ? cpu->after : cpu->before)[round] = times->cpu_ns;
    return;
  }
  results[job][many].state[state].wall[round] = times->wall_ns;
  results[job][many].state[state].cpu[round] = times->cpu_ns;
}

static void measure(unsigned cpus, unsigned round, enum state state,
                    bool after) {
  struct empty *empty[2] = {NULL, NULL};

  enter(state, empty);
  for (int job = 0; job < JOB_COUNT; job++)
    for (int many = 0; many < 2; many++) {
      struct worker_times times = fastest(&jobs[job], many ? cpus : 1);

      keep(job, many, round, state, after, &times);
    }
  leave(state, empty);
}

/* By how many per cent the rounds take longer. */
static const char *slower(const struct rounds *rounds, const double *values) {
  struct spread added = rounds_added(rounds, values);
  double base = rounds_base(rounds).middle / 100;

  return spread_text(
      (struct spread){added.low / base, added.middle / base, added.high / base},
      2);
}

static void report(int job, int many, unsigned cpus) {
  struct rounds *wall = &results[job][many].wall;
  struct rounds *cpu = &results[job][many].cpu;

  printf("%s, %u CPU%s: %.1f ms of CPU time\n", jobs[job].name, many ? cpus : 1,
         many ? "s" : "", cpu->before[0] / 1e6);
  rounds_judge(wall, QUIET_PROGRAMS);
  rounds_say(wall, 1);
  rounds_judge(cpu, QUIET_PROGRAMS);
  rounds_say(cpu, 1);
  for (int state = EMPTY; state <= BPFMEM; state++)
    printf("  %-18s %-24s %s\n", state == EMPTY ? "empty programs" : "bpfmem",
           slower(wall, results[job][many].state[state].wall),
           slower(cpu, results[job][many].state[state].cpu));
}

void part_macro(void) {
  unsigned cpus = workers_cpus(), rounds = bench_rounds(ROUNDS);

  if (!getenv("BENCH_CC") || !getenv("BENCH_SOURCE"))
    bench_die("BENCH_CC and BENCH_SOURCE are not set", EINVAL);
  measure(cpus, 0, NOTHING, false); /* caches are warm from here on */
  for (unsigned round = 0; round < rounds; round++) {
    measure(cpus, round, NOTHING, false);
    measure(cpus, round, round & 1 ? BPFMEM : EMPTY, false);
    measure(cpus, round, round & 1 ? EMPTY : BPFMEM, false);
    measure(cpus, round, NOTHING, true);
  }
  printf("slower by, %u interleaved rounds\n%-20s %-24s %s\n", rounds, "",
         "% elapsed", "% CPU time");
  for (int job = 0; job < JOB_COUNT; job++)
    for (int many = 0; many < 2; many++)
      report(job, many, cpus);
}
