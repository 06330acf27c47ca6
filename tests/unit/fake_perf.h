/* SPDX-License-Identifier: MIT */
/* A kernel's perf events as a fake: the calls of kernel/perf.c, which the
 * linker sends here (-Wl,--wrap). For one file of tests only. */
#ifndef BPFMEM_FAKE_PERF_H
#define BPFMEM_FAKE_PERF_H

#include "kernel/cpus.h"

#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

long __wrap_syscall(long number, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_open(const char *path, int flags, ...);
ssize_t __wrap_read(int fd, void *buffer, size_t size);
int __wrap_close(int fd);

/* CPU 2 is a hole in the list of those that are possible. */
enum { CPUS = 5, HOLE = 2, EVENTS_MAX = 64 };
enum { PROGRAM_FD = 4711, LIST_FD = 99, FIRST_FD = 1000 };

struct event {
  bool open, attached, enabled;
  bool dead; /* its CPU went offline: nothing brings it back */
  int cpu;
  uint64_t period, count, time; /* nanoseconds */
};

static struct event events[EVENTS_MAX];
static unsigned event_count;
static bool online[CPUS];
static bool dead_cannot_be_read; /* else their time stands still */
static unsigned tried;           /* to open an event */
/* The call that fails: an ioctl's request, SYS_perf_event_open, or 0. */
static unsigned long failing;
static int failing_cpu, error;

int cpus_count(void) {
  return CPUS;
}

static inline bool fails(unsigned long call, int cpu) {
  if (call != failing || cpu != failing_cpu)
    return false;
  errno = error;
  return true;
}

static inline void refuse(unsigned long call, int cpu, int number) {
  failing = call;
  failing_cpu = cpu;
  error = number;
}

/* Each fault counts from the first on, and is counted by a program as well. */
static inline void check_attr(const struct perf_event_attr *attr) {
  ck_assert_uint_eq(attr->type, PERF_TYPE_SOFTWARE);
  ck_assert_uint_eq(attr->size, sizeof(*attr));
  ck_assert_uint_eq(attr->config, PERF_COUNT_SW_PAGE_FAULTS_MIN);
  ck_assert_uint_eq(attr->read_format, PERF_FORMAT_TOTAL_TIME_ENABLED);
  ck_assert_uint_eq(attr->sample_period, 1);
  ck_assert(attr->disabled && !attr->freq && !attr->exclude_kernel);
}

long __wrap_syscall(long number, ...) {
  const struct perf_event_attr *attr;
  int pid, cpu;
  va_list args;

  va_start(args, number);
  attr = va_arg(args, const struct perf_event_attr *);
  pid = va_arg(args, int);
  cpu = va_arg(args, int);
  va_end(args);
  ck_assert_int_eq(number, SYS_perf_event_open);
  ck_assert_int_eq(pid, -1);
  ck_assert(cpu >= 0 && cpu < CPUS);
  check_attr(attr);
  tried++;
  if (fails(SYS_perf_event_open, cpu))
    return -1;
  errno = ENODEV;
  if (!online[cpu])
    return -1;
  ck_assert_uint_lt(event_count, EVENTS_MAX);
  events[event_count] =
      (struct event){.open = true, .cpu = cpu, .period = attr->sample_period};
  return FIRST_FD + (long)event_count++;
}

static inline struct event *event_of(int fd) {
  struct event *event = &events[fd - FIRST_FD];

  ck_assert(fd >= FIRST_FD && fd < FIRST_FD + (int)event_count);
  ck_assert(event->open);
  return event;
}

int __wrap_ioctl(int fd, unsigned long request, ...) {
  struct event *event = event_of(fd);
  va_list args;

  if (fails(request, event->cpu))
    return -1;
  va_start(args, request);
  switch (request) {
  case PERF_EVENT_IOC_SET_BPF:
    ck_assert(!event->enabled && va_arg(args, int) == PROGRAM_FD);
    event->attached = true;
    break;
  case PERF_EVENT_IOC_ENABLE:
    ck_assert(event->attached);
    event->enabled = true;
    break;
  case PERF_EVENT_IOC_DISABLE:
    event->enabled = false;
    break;
  default:
    ck_assert_uint_eq(request, PERF_EVENT_IOC_PERIOD);
    ck_assert(!event->enabled);
    event->period = *va_arg(args, const uint64_t *);
  }
  va_end(args);
  return 0;
}

/* Coverage has files of its own. */
int __wrap_open(const char *path, int flags, ...) {
  if (strncmp(path, "/sys/", 5) != 0)
    return __real_open(path, flags, 0666);
  ck_assert_str_eq(path, "/sys/devices/system/cpu/online");
  ck_assert_int_eq(flags & O_ACCMODE, O_RDONLY);
  return LIST_FD;
}

static inline ssize_t read_list(char *list, size_t size) {
  ck_assert_uint_ge(size, 2 * CPUS);
  *list = '\0';
  for (int cpu = 0; cpu < CPUS; cpu++)
    if (online[cpu])
      snprintf(list + strlen(list), size - strlen(list), ",%d", cpu);
  return (ssize_t)strlen(list);
}

ssize_t __wrap_read(int fd, void *buffer, size_t size) {
  struct event *event;

  if (fd == LIST_FD)
    return read_list(buffer, size);
  event = event_of(fd);
  ck_assert_uint_eq(size, 2 * sizeof(uint64_t));
  if (event->dead && dead_cannot_be_read)
    return 0;
  memcpy(buffer, (uint64_t[]){event->count, event->time}, size);
  return (ssize_t)size;
}

int __wrap_close(int fd) {
  if (fd != LIST_FD)
    event_of(fd)->open = false;
  return 0;
}

/* So many events in so many seconds on one CPU. */
static inline void happen(int cpu, uint64_t count, unsigned seconds) {
  for (unsigned i = 0; i < event_count; i++) {
    struct event *event = &events[i];

    if (event->cpu != cpu || !event->enabled || event->dead)
      continue;
    event->count += count;
    event->time += seconds * 1000000000ULL;
  }
}

static inline void pass(unsigned seconds) {
  for (int cpu = 0; cpu < CPUS; cpu++)
    happen(cpu, 0, seconds);
}

static inline void go_offline(int cpu) {
  online[cpu] = false;
  for (unsigned i = 0; i < event_count; i++)
    if (events[i].cpu == cpu)
      events[i].dead = true;
}

static inline unsigned count_open(void) {
  unsigned count = 0;

  for (unsigned i = 0; i < event_count; i++)
    count += events[i].open;
  return count;
}

static inline void start_kernel(void) {
  event_count = tried = 0;
  refuse(0, 0, 0);
  dead_cannot_be_read = false;
  for (int cpu = 0; cpu < CPUS; cpu++)
    online[cpu] = cpu != HOLE;
}

#endif
