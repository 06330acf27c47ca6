// SPDX-License-Identifier: MIT
/* BPF_PROG_TEST_RUN of a raw tracepoint's program: since 5.10 (1b4d60ec162f).
 */
#include "kernel/fill.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

int fill_select(const struct bpf_object *object, const char *program) {
  struct bpf_program *fill = bpf_object__find_program_by_name(object, program);

  return fill ? bpf_program__set_autoload(fill, true) : -ENOENT;
}

int fill_queue(const struct bpf_object *object, const char *program,
               uint32_t first, uint32_t end) {
  int fd = bpf_program__fd(bpf_object__find_program_by_name(object, program));
  uint64_t range[] = {first, end};
  LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = range,
              .ctx_size_in = sizeof(range));

  while (range[0] < end) {
    if (bpf_prog_test_run_opts(fd, &run))
      return -errno;
    if (run.retval <= range[0])
      return -ENOSPC;
    range[0] = run.retval;
  }
  return 0;
}
