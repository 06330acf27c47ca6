/* SPDX-License-Identifier: MIT */
/* What the parts of the benchmark share. */
#ifndef BPFMEM_BENCH_H
#define BPFMEM_BENCH_H

#include "probe.h"

#include <stdbool.h>
#include <stddef.h>

/* Prints its tables. Exits when the kernel refuses what it needs. */
typedef void bench_part(void);
bench_part part_micro, part_macro, part_harvest, part_start, part_memory,
    part_contention, part_vm;

/* Says why on standard error and exits. */
void bench_die(const char *what, int err) __attribute__((noreturn));

/* Runs a program, found by PATH, to its end. */
void bench_run_program(const char *const argv[]);

double bench_now_ns(void);
/* CPU time of this thread. */
double bench_cpu_ns(void);

/* The number of rounds times BENCH_ROUNDS, a factor; at least 3. */
unsigned bench_rounds(unsigned normal);
/* A number from the environment, or what is usual. */
long bench_setting(const char *name, long usual);

/* Mounts tracefs for this process alone; false when that cannot be. */
bool bench_mount_tracefs(void);
/* The number of an event there, as "kmem/kfree"; 0: there is none. */
unsigned long bench_event_id(const char *event);
/* From then on this process believes in CPUs 0 to `count` - 1. */
void bench_fake_cpus(unsigned count);

struct spread {
  double low, middle, high;
};

#define ROUNDS_MAX 1009

/* Quartiles; sorts the values. */
struct spread spread_of(double *values, unsigned count);
/* "103 [101..106]"; static, one of several. */
const char *spread_text(struct spread spread, int decimals);

/* A probe as the plugin runs it, with a sink that only counts. */
struct session;

struct session_options {
  enum probe_id id;
  enum settings_hooks hooks;
  bool without_functions; /* as if this kernel refused fentry and fexit */
  unsigned max_tracked;   /* 0: the default */
  unsigned more_rows;     /* each with an event per read, beside the kernel's */
  struct features *kernel; /* shared by some; NULL: of its own */
  bool without_held;       /* nothing of what the kernel holds */
};

struct session *session_open(const struct session_options *options);
void session_close(struct session *session);
/* Does what the plugin's read callback does; returns the rows sunk. */
unsigned session_read(struct session *session);
/* A statistic as of the last read; -1 when the probe has none of that name. */
double session_stat(const struct session *session, const char *name);

/* Files of one page each, cached and mapped for reading. */
struct bench_files;

struct bench_files *bench_files_new(unsigned count);
void bench_files_free(struct bench_files *files);
/* Faults once on the files from `first` on. */
void bench_files_fault(struct bench_files *files, unsigned first,
                       unsigned count);

#endif
