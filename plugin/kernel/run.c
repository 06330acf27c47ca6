// SPDX-License-Identifier: MIT
#include "kernel/run.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

int run_select(const struct bpf_object *object, const char *program) {
  struct bpf_program *found = bpf_object__find_program_by_name(object, program);

  return found ? bpf_program__set_autoload(found, true) : -ENOENT;
}

int run_fd(const struct bpf_object *object, const char *program) {
  return bpf_program__fd(bpf_object__find_program_by_name(object, program));
}

int run_program(int fd, const uint64_t *args, size_t count) {
  LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = args,
              .ctx_size_in = (uint32_t)(count * sizeof(*args)));

  return bpf_prog_test_run_opts(fd, &run) ? -errno : (int)run.retval;
}

int run_slots(int fd, uint32_t first, uint32_t end, uint32_t change) {
  uint64_t args[] = {first, end, change};

  while (args[0] < end) {
    int next = run_program(fd, args, /* count = */ 3);

    if (next < 0)
      return next;
    if ((uint64_t)next <= args[0])
      return -ENOSPC;
    args[0] = (uint64_t)next;
  }
  return 0;
}
