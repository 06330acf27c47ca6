// SPDX-License-Identifier: MIT
/* perf software events on every CPU, each with a BPF program. */
#include "perfcount.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct perfcount {
  unsigned cpus;
  struct bpf_link *link[]; /* by CPU; owns the event */
};

/* Disabled until the program is attached, so that both count the same. */
static int open_cpu(uint64_t config, int cpu) {
  struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                 .size = sizeof(attr),
                                 .config = config,
                                 .sample_period = 1,
                                 .disabled = 1};
  int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1,
                        PERF_FLAG_FD_CLOEXEC);

  return fd < 0 ? -errno : fd;
}

static int attach_cpu(struct perfcount *count, uint64_t config,
                      struct bpf_program *program, unsigned cpu) {
  int fd = open_cpu(config, (int)cpu);

  if (fd == -ENODEV) /* a possible CPU that is offline */
    return 0;
  if (fd < 0)
    return fd;
  count->link[cpu] = bpf_program__attach_perf_event(program, fd);
  if (!count->link[cpu]) {
    int err = -errno;

    close(fd);
    return err;
  }
  return 0;
}

int perfcount_open(uint64_t config, struct bpf_program *program,
                   struct perfcount **ret_count) {
  int cpus = libbpf_num_possible_cpus();
  struct perfcount *count;

  if (cpus < 0)
    return cpus;
  count = calloc(1, sizeof(*count) + (size_t)cpus * sizeof(count->link[0]));
  if (!count)
    return -ENOMEM;
  count->cpus = (unsigned)cpus;
  for (unsigned i = 0; i < count->cpus; i++) {
    int err = attach_cpu(count, config, program, i);

    if (err) {
      perfcount_close(count);
      return err;
    }
  }
  *ret_count = count;
  return 0;
}

void perfcount_close(struct perfcount *count) {
  if (!count)
    return;
  for (unsigned i = 0; i < count->cpus; i++)
    bpf_link__destroy(count->link[i]);
  free(count);
}
