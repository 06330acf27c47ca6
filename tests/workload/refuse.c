// SPDX-License-Identifier: MIT
/* Runs a command for which seccomp refuses a system call: EPERM. */

#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct call {
  const char *name;
  unsigned number;
} calls[] = {{"bpf", SYS_bpf}, {"perf_event_open", SYS_perf_event_open}};

enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static int refuse(unsigned number) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]),
                               .filter = filter};

  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv) {
  for (int i = 0; i < CALLS && argc > 2; i++)
    if (!strcmp(argv[1], calls[i].name)) {
      if (refuse(calls[i].number) == 0)
        execvp(argv[2], argv + 2);
      perror(argv[2]);
      return 126;
    }
  fprintf(stderr, "usage: refuse bpf|perf_event_open COMMAND...\n"
                  "As root.\n");
  return 2;
}
