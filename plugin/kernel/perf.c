// SPDX-License-Identifier: MIT
/* perf software events on every CPU, each with a BPF program. */
#include "kernel/perf.h"

#include "kernel/cpus.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ONLINE "/sys/devices/system/cpu/online"

struct perf_cpu {
  int fd; /* -1: none */
  unsigned period;
  double rate;     /* events per second */
  uint64_t before; /* events that closed descriptors counted */
  struct perf_values {
    uint64_t events, enabled; /* nanoseconds; as perf_event_open(2) has it */
  } last;
};

struct perf_counter {
  uint64_t config;
  int program_fd;
  /* The list of CPUs that were online, or "". A file of sysfs has one page. */
  char online[4096];
  unsigned cpus;
  struct perf_cpu cpu[];
};

/* The event is disabled until the program is attached, so that both count the
 * same. A program runs only for an event that samples. */
static int open_event(const struct perf_counter *counter, int cpu) {
  struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                 .size = sizeof(attr),
                                 .config = counter->config,
                                 .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED,
                                 .sample_period = 1,
                                 .disabled = 1};
  int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1,
                        PERF_FLAG_FD_CLOEXEC);

  return fd < 0 ? -errno : fd;
}

/* Attaches by ioctl(): a link would take a second descriptor for each event. */
static int start_cpu(struct perf_counter *counter, unsigned index) {
  struct perf_cpu *cpu = &counter->cpu[index];
  int fd = open_event(counter, (int)index);

  if (fd == -ENODEV) /* a possible CPU that is offline */
    return 0;
  if (fd < 0)
    return fd;
  if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, counter->program_fd) ||
      ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)) {
    int err = -errno;

    close(fd);
    return err;
  }
  *cpu = (struct perf_cpu){.fd = fd, .period = 1, .before = cpu->before};
  return 0;
}

static void stop_cpu(struct perf_cpu *cpu) {
  if (cpu->fd >= 0)
    close(cpu->fd);
  *cpu = (struct perf_cpu){.fd = -1, .before = cpu->before};
}

/* Whether other CPUs are online now than at the last call. */
static bool has_other_cpus(struct perf_counter *counter) {
  char online[sizeof(counter->online)] = "";
  int fd = open(ONLINE, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return false;
  (void)!read(fd, online, sizeof(online) - 1);
  close(fd);
  if (!strcmp(online, counter->online))
    return false;
  strcpy(counter->online, online);
  return true;
}

int perf_open(uint64_t config, int program_fd, struct perf_counter **ret) {
  int cpus = cpus_count(), err = 0;
  struct perf_counter *counter;

  if (cpus < 0)
    return cpus;
  counter =
      calloc(1, sizeof(*counter) + (size_t)cpus * sizeof(counter->cpu[0]));
  if (!counter)
    return -ENOMEM;
  counter->config = config;
  counter->program_fd = program_fd;
  counter->cpus = (unsigned)cpus;
  for (unsigned i = 0; i < counter->cpus; i++)
    counter->cpu[i].fd = -1;
  for (unsigned i = 0; i < counter->cpus && !err; i++)
    err = start_cpu(counter, i);
  if (err)
    perf_close(counter);
  else
    *ret = counter;
  return err;
}

void perf_close(struct perf_counter *counter) {
  if (!counter)
    return;
  for (unsigned i = 0; i < counter->cpus; i++)
    stop_cpu(&counter->cpu[i]);
  free(counter);
}

static double rate_between(const struct perf_values *before,
                           const struct perf_values *now) {
  uint64_t elapsed = now->enabled - before->enabled;

  return elapsed
             ? (double)(now->events - before->events) * 1e9 / (double)elapsed
             : 0;
}

/* When a CPU goes offline, its events leave their context for good
 * (perf_event_exit_cpu()). Their time then stands still, or they cannot be
 * read. */
static void read_cpu(struct perf_counter *counter, unsigned index) {
  struct perf_cpu *cpu = &counter->cpu[index];
  const struct perf_values last = cpu->last;
  ssize_t size = read(cpu->fd, &cpu->last, sizeof(cpu->last));

  if (size == sizeof(cpu->last) &&
      (!last.enabled || cpu->last.enabled != last.enabled)) {
    cpu->rate = rate_between(&last, &cpu->last);
    return;
  }
  cpu->before += cpu->last.events;
  stop_cpu(cpu);
  (void)start_cpu(counter, index); /* it may be back */
  if (cpu->fd < 0)
    counter->online[0] = '\0';
}

/* Opens events on CPUs that have none: in the first read after a CPU was lost,
 * and when the CPUs that are online change. */
static void start_others(struct perf_counter *counter) {
  if (!has_other_cpus(counter))
    return;
  for (unsigned i = 0; i < counter->cpus; i++)
    if (counter->cpu[i].fd < 0 && start_cpu(counter, i))
      counter->online[0] = '\0'; /* the next read tries again */
}

uint64_t perf_read(struct perf_counter *counter) {
  uint64_t sum = 0;

  if (!counter)
    return 0;
  start_others(counter);
  for (unsigned i = 0; i < counter->cpus; i++) {
    if (counter->cpu[i].fd >= 0)
      read_cpu(counter, i);
    sum += counter->cpu[i].before + counter->cpu[i].last.events;
  }
  return sum;
}

/* A software event uses a new period only from when it is next added to its CPU
 * (perf_swevent_add()). Until then the kernel counts few of its events and
 * tells programs the old period. So the event is disabled and enabled; what
 * happens in between is not counted. If it stays disabled, its time stands
 * still, and the next read opens it again. */
static void set_period(struct perf_cpu *cpu, unsigned period) {
  uint64_t value = period;
  bool is_set;

  if (ioctl(cpu->fd, PERF_EVENT_IOC_DISABLE, 0))
    return;
  is_set = !ioctl(cpu->fd, PERF_EVENT_IOC_PERIOD, &value);
  if (!ioctl(cpu->fd, PERF_EVENT_IOC_ENABLE, 0) && is_set)
    cpu->period = period;
}

/* Sampling ends only below half of the rate. Otherwise it could change with
 * each read. */
static unsigned wanted_period(const struct perf_cpu *cpu, unsigned above) {
  if (cpu->rate > above)
    return PERF_STRIDE;
  return cpu->rate < above / 2.0 ? 1 : cpu->period;
}

unsigned perf_sample(struct perf_counter *counter, unsigned above) {
  unsigned count = 0;

  for (unsigned i = 0; counter && above && i < counter->cpus; i++) {
    struct perf_cpu *cpu = &counter->cpu[i];
    unsigned period = wanted_period(cpu, above);

    if (cpu->fd >= 0 && period != cpu->period)
      set_period(cpu, period);
    count += cpu->period == PERF_STRIDE;
  }
  return count;
}
