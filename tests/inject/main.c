// SPDX-License-Identifier: MIT
/* Makes each call of the plugin to the kernel and for memory fail in turn. */
#include "run.h"
#include "workload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const int errors[] = {EPERM, EINVAL, ENOMEM, E2BIG, ENOSPC};
enum { ERRORS = sizeof(errors) / sizeof(errors[0]) };

/* How many of a kind are tried, unless all are; runs at a time. */
enum { SAMPLES = 5, JOBS = 7 };

/* Calls of a kind that are all alike, as one for each place in a table: each
 * with one of the errors only. */
enum { MANY = 100 };

static const char *const phase_names[INJECT_PHASES] = {[INJECT_CONFIG] =
                                                           "configuration",
                                                       [INJECT_INIT] = "start",
                                                       [INJECT_READ] = "read"};

struct session {
  struct run_options run;
  unsigned long samples; /* of a kind; 0: all */
  unsigned jobs, job;    /* each does one run in so many */
  unsigned long runs;    /* of all jobs */
  unsigned long *failed; /* shared by them */
  unsigned long *unreached;
};

static void try(struct session *session, const struct inject_point *point) {
  const struct run_result *result;

  if (session->runs++ % session->jobs != session->job)
    return;
  result = run(point, &session->run);
  if (!result->happened && result->ended)
    __atomic_add_fetch(session->unreached, 1, __ATOMIC_RELAXED);
  if (!result->wrong[0])
    return;
  __atomic_add_fetch(session->failed, 1, __ATOMIC_RELAXED);
  printf("FAIL: %s, %s %lu%s, %s: %s\n", phase_names[point->phase],
         inject_kind_name(point->kind), point->at,
         point->for_good ? " and later" : "", strerror(point->error),
         result->wrong);
  fflush(stdout);
}

static bool is_malloc(unsigned kind) {
  return kind == INJECT_MALLOC || kind == INJECT_MALLOC_BY_LIBS;
}

/* All that can be said of memory is that there is none: for once, or for good.
 */
static void try_malloc(struct session *session, struct inject_point point,
                       unsigned long turn, bool each) {
  point.error = ENOMEM;
  if (each || turn % 2 == 0)
    try(session, &point);
  point.for_good = true;
  if (each || turn % 2 == 1)
    try(session, &point);
}

static void try_errors(struct session *session, struct inject_point point,
                       unsigned long turn, bool each) {
  for (unsigned i = 0; i < ERRORS; i++) {
    if (!each && i != (turn + point.kind) % ERRORS)
      continue;
    point.error = errors[i];
    try(session, &point);
  }
}

static bool is_prime(unsigned long number) {
  for (unsigned long i = 2; i * i <= number; i++)
    if (number % i == 0)
      return false;
  return number > 1;
}

/* 1 when all are tried; else a prime, to have no rhythm in common with the
 * calls. */
static unsigned long stride_of(const struct session *session,
                               unsigned long count) {
  unsigned long stride =
      session->samples ? (count + session->samples - 1) / session->samples : 1;

  while (stride > 1 && !is_prime(stride))
    stride++;
  return stride;
}

static void try_kind(struct session *session, enum inject_phase phase,
                     unsigned kind, unsigned long count) {
  unsigned long stride = stride_of(session, count), turn = 0;
  unsigned long runs = session->runs;
  bool each = !session->samples && count < MANY;

  for (unsigned long at = 1; at <= count; at += stride, turn++) {
    const struct inject_point point = {.phase = phase, .kind = kind, .at = at};

    if (is_malloc(kind))
      try_malloc(session, point, turn, each);
    else
      try_errors(session, point, turn, each);
  }
  if (session->job)
    return;
  printf("%s: %s: %lu calls, %lu runs\n", phase_names[phase],
         inject_kind_name(kind), count, session->runs - runs);
  fflush(stdout);
}

static void try_kinds(struct session *session, inject_counts made,
                      unsigned only) {
  for (int phase = INJECT_CONFIG; phase < INJECT_PHASES; phase++)
    for (unsigned kind = 0; kind < INJECT_KINDS; kind++)
      if (made[phase][kind] && (only == INJECT_KINDS || only == kind))
        try_kind(session, phase, kind, made[phase][kind]);
}

/* A run waits for the kernel most of the time. */
static void try_in_jobs(struct session *session, inject_counts made,
                        unsigned only) {
  for (session->job = session->jobs - 1; session->job; session->job--)
    if (!fork()) {
      try_kinds(session, made, only);
      _exit(0);
    }
  try_kinds(session, made, only);
  while (wait(NULL) > 0)
    ;
}

/* What fails in a run without a fault would prove nothing of the others. What
 * other processes do decides how many calls there are: some runs may make
 * fewer than the first. */
static int try_all(struct session *session, unsigned only) {
  const struct run_result *result =
      run(&(struct inject_point){.phase = INJECT_NONE}, &session->run);
  inject_counts made;

  if (result->wrong[0]) {
    printf("FAIL: without a fault: %s\n", result->wrong);
    return 1;
  }
  memcpy(made, result->made, sizeof(made));
  printf("without a fault: %u BPF objects come and go\n",
         result->objects.count);
  fflush(stdout);
  try_in_jobs(session, made, only);
  printf("%lu runs, %lu failed; %lu of them made fewer calls than to fail\n",
         session->runs, *session->failed, *session->unreached);
  return *session->failed || *session->unreached > session->runs / 10;
}

static unsigned kind_named(const char *name) {
  unsigned kind = 0;

  while (kind < INJECT_KINDS && strcmp(inject_kind_name(kind), name) != 0)
    kind++;
  return kind;
}

static int usage(void) {
  fprintf(
      stderr,
      "usage: inject [-a] [-v] [-n SAMPLES] [-j JOBS] [-k HOOKS] [-c CALL]\n"
      "Runs the plugin on the running kernel, in a collectd that is a\n"
      "fake, and lets one call fail in each run; in the working\n"
      "directory, where it makes files.\n"
      "  -n SAMPLES  of each kind of call (%d)\n"
      "  -a          all, with each of %d errors\n"
      "  -j JOBS     so many runs at a time (%d)\n"
      "  -k HOOKS    as option Hooks (auto)\n"
      "  -c CALL     only that kind, as \"mmap\"\n"
      "  -v          with all that the plugin says\n",
      SAMPLES, ERRORS, JOBS);
  return 2;
}

int main(int argc, char **argv) {
  struct session session = {
      .run = {.hooks = "auto"}, .samples = SAMPLES, .jobs = JOBS};
  unsigned only = INJECT_KINDS;
  int option;

  while ((option = getopt(argc, argv, "avn:j:k:c:")) != -1) {
    switch (option) {
    case 'a':
      session.samples = 0;
      break;
    case 'v':
      session.run.verbose = true;
      break;
    case 'n':
      session.samples = strtoul(optarg, NULL, 10);
      break;
    case 'j':
      session.jobs = (unsigned)strtoul(optarg, NULL, 10);
      break;
    case 'k':
      session.run.hooks = optarg;
      break;
    case 'c':
      only = kind_named(optarg);
      break;
    default:
      return usage();
    }
  }
  session.failed =
      mmap(NULL, 2 * sizeof(*session.failed), PROT_READ | PROT_WRITE,
           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  session.unreached = session.failed + 1;
  if (!session.jobs || session.failed == MAP_FAILED)
    return usage();
  if (workload_prepare()) {
    perror("inject: cannot make files");
    return 2;
  }
  return try_all(&session, only);
}
