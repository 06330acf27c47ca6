// SPDX-License-Identifier: MIT
/* perf software events on every CPU, alone or each with a BPF program. */
#include "perfcount.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct perfcpu {
  int fd;                /* -1: none */
  struct bpf_link *link; /* owns the event; NULL: no program */
};

struct perfcount {
  unsigned cpus;
  struct perfcpu cpu[];
};

/* With a program disabled until it is attached, so that both count the same.
 * Only an event that samples runs a program. */
static int open_cpu(uint64_t config, bool with_program, int cpu) {
  struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                 .size = sizeof(attr),
                                 .config = config,
                                 .sample_period = with_program,
                                 .disabled = with_program};
  int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1,
                        PERF_FLAG_FD_CLOEXEC);

  return fd < 0 ? -errno : fd;
}

static int start_cpu(uint64_t config, struct bpf_program *program,
                     unsigned index, struct perfcpu *cpu) {
  int fd = open_cpu(config, program, (int)index);

  if (fd == -ENODEV) /* a possible CPU that is offline */
    return 0;
  if (fd < 0)
    return fd;
  cpu->link = program ? bpf_program__attach_perf_event(program, fd) : NULL;
  if (program && !cpu->link) {
    int err = -errno;

    close(fd);
    return err;
  }
  cpu->fd = fd;
  return 0;
}

int perfcount_open(uint64_t config, struct bpf_program *program,
                   struct perfcount **ret_count) {
  int cpus = libbpf_num_possible_cpus(), err = 0;
  struct perfcount *count;

  if (cpus < 0)
    return cpus;
  count = calloc(1, sizeof(*count) + (size_t)cpus * sizeof(count->cpu[0]));
  if (!count)
    return -ENOMEM;
  count->cpus = (unsigned)cpus;
  for (unsigned i = 0; i < count->cpus; i++)
    count->cpu[i].fd = -1;
  for (unsigned i = 0; i < count->cpus && !err; i++)
    err = start_cpu(config, program, i, &count->cpu[i]);
  if (err)
    perfcount_close(count);
  else
    *ret_count = count;
  return err;
}

void perfcount_close(struct perfcount *count) {
  if (!count)
    return;
  for (unsigned i = 0; i < count->cpus; i++) {
    if (count->cpu[i].link)
      bpf_link__destroy(count->cpu[i].link);
    else if (count->cpu[i].fd >= 0)
      close(count->cpu[i].fd);
  }
  free(count);
}

uint64_t perfcount_read(const struct perfcount *count) {
  uint64_t events, sum = 0;

  for (unsigned i = 0; count && i < count->cpus; i++)
    if (count->cpu[i].fd >= 0 &&
        read(count->cpu[i].fd, &events, sizeof(events)) == sizeof(events))
      sum += events;
  return sum;
}
