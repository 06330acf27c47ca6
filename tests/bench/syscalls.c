// SPDX-License-Identifier: MIT
/* perf counts the tracepoint at the entry of system calls. */
#include "syscalls.h"

#include "bench.h"

#include <linux/perf_event.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int syscalls_open(void) {
  struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT,
                                 .size = sizeof(attr),
                                 .config =
                                     bench_event_id("raw_syscalls/sys_enter")};

  return attr.config ? (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1,
                                    PERF_FLAG_FD_CLOEXEC)
                     : -1;
}

/* Its own are the read() and the ioctl(), which starts anew. */
double syscalls_since(int fd) {
  uint64_t count;

  if (fd < 0 || read(fd, &count, sizeof(count)) != sizeof(count))
    return -1;
  ioctl(fd, PERF_EVENT_IOC_RESET, 0);
  return (double)count - 1;
}
