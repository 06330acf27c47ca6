/* SPDX-License-Identifier: MIT */
/* What the benchmark compares, and what it repeats. */
#ifndef BPFMEM_BENCH_MICRO_H
#define BPFMEM_BENCH_MICRO_H

#include "bench.h"

#include <sys/types.h>

/* Empty programs at the hooks that a probe uses: the least that any BPF counter
 * can cost there. */
struct empty;

enum empty_set {
  EMPTY_NONE,
  EMPTY_FAULT_EVENTS,
  EMPTY_FAULT_EVENTS_AND_FEXIT,
  EMPTY_FAULT_FEXIT,
  EMPTY_SLAB_TRACEPOINTS /* raw, or classic where bpfmem's are */
};

void empty_open(enum empty_set set, struct empty **ret_empty);
void empty_close(struct empty *empty);

/* The least that counts at those hooks (least.bpf.h). */
struct least;

enum least_set { LEAST_NONE, LEAST_SLAB, LEAST_FAULT_FEXIT };

void least_open(enum least_set set, struct least **ret_least);
void least_close(struct least *least);

/* What a user would run instead: a program that says when it counts. */
struct tracer {
  const char *name;    /* for people */
  const char *argv[6]; /* NULL-terminated */
  const char *ready;   /* in what it prints, from when on it counts */
};

struct tracing;

/* NULL when it cannot run here, after saying why. */
struct tracing *tracer_start(const struct tracer *tracer);
void tracer_stop(struct tracing *tracing);

extern const struct tracer tracer_slab, tracer_slab_kprobe, tracer_faults,
    tracer_ffaults, tracer_slabratetop;

/* Something done many times; `run` returns nanoseconds of CPU time per
 * operation. */
struct work {
  const char *name;
  double (*run)(void);
};

extern const struct work work_stat, work_open_close, work_read_fault,
    work_write_fault, work_shared_fault, work_anon_fault, work_hot_file,
    work_major_fault, work_spawn;

/* Works in a process of its own: the tables that a state maps would make the
 * kernel's way to the mapping of a fault longer. */
struct runner;

struct runner *runner_new(void);
/* Nanoseconds of CPU time per operation, of the fastest burst there. */
double runner_run(struct runner *runner, const struct work *work);
/* The same of processes on `cpus` CPUs at once: the mean of their median
 * bursts, as what one does after the others have ended is no measure. */
double runner_run_at_once(struct runner *runner, const struct work *work,
                          unsigned cpus);
void runner_free(struct runner *runner);

#define WORKS_MAX 7

/* What is attached while something is measured. */
enum state {
  NOTHING,
  EMPTY,
  BPFMEM,
  LEAST,
  EMPTY_MORE,
  TRACER,
  TRACER_MORE,
  STATE_COUNT
};

struct subject {
  struct session_options session;
  enum empty_set empty, empty_more; /* or EMPTY_NONE */
  const char *empty_more_name;
  enum least_set least;                      /* or LEAST_NONE */
  const struct tracer *tracer, *tracer_more; /* or NULL */
  const struct work *warm[WORKS_MAX]; /* done before the first read, or NULL */
};

bool state_exists(const struct subject *subject, enum state state);
const char *state_name(const struct subject *subject, enum state state);
/* False when it cannot be. */
bool state_enter(const struct subject *subject, enum state state);
void state_leave(void);

extern const struct subject subject_slab, subject_faults, subject_slab_vm,
    subject_faults_fexit, subject_faults_event;

/* Rounds that nothing else disturbed: where what was measured with nothing
 * attached, right before and after, differs by less than a factor. A quiet
 * machine has a noise of 1 to 3 %, and other tracing programs add 20 % to an
 * event. */
#define QUIET_EVENTS 1.04
#define QUIET_PROGRAMS 1.08
struct rounds {
  unsigned count;
  double before[ROUNDS_MAX], after[ROUNDS_MAX];
  /* How many, after rounds_judge(): */
  unsigned quiet, disturbed;
  unsigned index[ROUNDS_MAX];
};

/* All of them when fewer than 3 are quiet. */
void rounds_judge(struct rounds *rounds, double quiet);
/* Of several, how many were left out at most; nothing if none was. */
void rounds_say(const struct rounds *rounds, unsigned count);
struct spread rounds_base(const struct rounds *rounds);
/* What `values` have beyond the base. */
struct spread rounds_added(const struct rounds *rounds, const double *values);

struct added {
  const struct rounds *rounds;
  const double *values;
};

/* What one has beyond its base, divided by what the other has beyond its own:
 * of medians, with the quartiles that it has if rounds are drawn at random. "-"
 * where the other cannot be told from nothing. */
const char *rounds_ratio(const struct added *one, const struct added *other);

/* Interleaved rounds of all states and works; prints a table of what each adds
 * to an operation. */
void compare(const struct subject *subject,
             const struct work *const works[WORKS_MAX], unsigned rounds);

#endif
