// SPDX-License-Identifier: MIT
/* perf software events on every CPU, alone or each with a BPF program. */
#include "kernel/perf.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ONLINE "/sys/devices/system/cpu/online"

struct perf_cpu {
  int fd;                /* -1: none */
  struct bpf_link *link; /* owns the event; NULL: no program */
  uint64_t before;       /* what its events counted that are closed */
  struct {
    uint64_t events, enabled; /* nanoseconds; as perf_event_open(2) has it */
  } last;
};

struct perf_counter {
  uint64_t config;
  struct bpf_program *program;
  char online[256]; /* the CPUs that were, as the kernel says it, or "" */
  unsigned cpus;
  struct perf_cpu cpu[];
};

/* With a program disabled until it is attached, so that both count the same.
 * Only an event that samples runs a program. */
static int open_cpu(const struct perf_counter *count, int cpu) {
  struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                 .size = sizeof(attr),
                                 .config = count->config,
                                 .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED,
                                 .sample_period = count->program != NULL,
                                 .disabled = count->program != NULL};
  int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1,
                        PERF_FLAG_FD_CLOEXEC);

  return fd < 0 ? -errno : fd;
}

static int start_cpu(struct perf_counter *count, unsigned index) {
  struct perf_cpu *cpu = &count->cpu[index];
  int fd = open_cpu(count, (int)index);

  if (fd == -ENODEV) /* a possible CPU that is offline */
    return 0;
  if (fd < 0)
    return fd;
  if (count->program)
    cpu->link = bpf_program__attach_perf_event(count->program, fd);
  if (count->program && !cpu->link) {
    int err = -errno;

    close(fd);
    return err;
  }
  cpu->fd = fd;
  return 0;
}

static void stop_cpu(struct perf_cpu *cpu) {
  if (cpu->link)
    bpf_link__destroy(cpu->link);
  else if (cpu->fd >= 0)
    close(cpu->fd);
  *cpu = (struct perf_cpu){.fd = -1, .before = cpu->before};
}

static bool has_all_cpus(const struct perf_counter *count) {
  for (unsigned i = 0; i < count->cpus; i++)
    if (count->cpu[i].fd < 0)
      return false;
  return true;
}

/* Whether other CPUs are online than the last time. */
static bool has_other_cpus(struct perf_counter *count) {
  char online[sizeof(count->online)] = "";
  int fd = open(ONLINE, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return false;
  (void)!read(fd, online, sizeof(online) - 1);
  close(fd);
  if (!strcmp(online, count->online))
    return false;
  strcpy(count->online, online);
  return true;
}

int perf_open(uint64_t config, struct bpf_program *program,
              struct perf_counter **ret_count) {
  int cpus = libbpf_num_possible_cpus(), err = 0;
  struct perf_counter *count;

  if (cpus < 0)
    return cpus;
  count = calloc(1, sizeof(*count) + (size_t)cpus * sizeof(count->cpu[0]));
  if (!count)
    return -ENOMEM;
  count->config = config;
  count->program = program;
  count->cpus = (unsigned)cpus;
  for (unsigned i = 0; i < count->cpus; i++)
    count->cpu[i].fd = -1;
  for (unsigned i = 0; i < count->cpus && !err; i++)
    err = start_cpu(count, i);
  if (err)
    perf_close(count);
  else
    *ret_count = count;
  return err;
}

void perf_close(struct perf_counter *count) {
  if (!count)
    return;
  for (unsigned i = 0; i < count->cpus; i++)
    stop_cpu(&count->cpu[i]);
  free(count);
}

/* A CPU that goes offline takes its events out of their context for good
 * (perf_event_exit_cpu()): their time stands still, or they cannot be read. */
static void read_cpu(struct perf_counter *count, unsigned index) {
  struct perf_cpu *cpu = &count->cpu[index];
  uint64_t enabled = cpu->last.enabled;
  ssize_t size = read(cpu->fd, &cpu->last, sizeof(cpu->last));

  if (size == sizeof(cpu->last) && (!enabled || cpu->last.enabled != enabled))
    return;
  cpu->before += cpu->last.events;
  stop_cpu(cpu);
  (void)start_cpu(count, index); /* it may be back */
  if (cpu->fd < 0)
    count->online[0] = '\0';
}

/* Tried by the first read after a CPU was lost, then when CPUs change. */
static void start_others(struct perf_counter *count) {
  if (has_all_cpus(count) || !has_other_cpus(count))
    return;
  for (unsigned i = 0; i < count->cpus; i++)
    if (count->cpu[i].fd < 0)
      (void)start_cpu(count, i);
}

uint64_t perf_read(struct perf_counter *count) {
  uint64_t sum = 0;

  if (!count)
    return 0;
  start_others(count);
  for (unsigned i = 0; i < count->cpus; i++) {
    if (count->cpu[i].fd >= 0)
      read_cpu(count, i);
    sum += count->cpu[i].before + count->cpu[i].last.events;
  }
  return sum;
}
