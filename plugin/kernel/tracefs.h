/* SPDX-License-Identifier: MIT */
/* Dynamic kprobe events through tracefs. Only this way takes a maxactive:
 * perf's kretprobes lose what more than a few sleeping threads return (5.10:
 * one per CPU; later max(10, 2 per CPU)), silently. */
#ifndef BPFMEM_KERNEL_TRACEFS_H
#define BPFMEM_KERNEL_TRACEFS_H

#include <stdbool.h>
#include <stdint.h>

/* Threads that may sleep inside one function at a time; up to 4096. */
#define TRACEFS_MAXACTIVE 1000

/* A kprobe event; zero is none. */
struct tracefs_event {
  char name[64]; /* "bpfmem_PID/entry" */
  int perf_fd;   /* of the event; owned until handed to a link */
};

/* Whether events can be made: tracefs is mounted and writable. */
bool tracefs_has_kprobes(void);

/* Makes an event at the entry or the return of a function and opens it for all
 * CPUs. 0 or -errno. The caller removes it. */
int tracefs_event_add(const char *name, const char *function, bool at_return,
                      struct tracefs_event *ret_event);

/* Removes the event; its perf_fd must be closed. Accepts a zeroed one. */
void tracefs_event_remove(struct tracefs_event *event);

/* Calls that a return probe missed so far (maxactive exhausted), or 0. */
uint64_t tracefs_event_missed(const struct tracefs_event *event);

/* Removes the events that a killed process left. Those in use refuse. */
void tracefs_remove_stale(void);

#endif
