// SPDX-License-Identifier: MIT
/* The walk reads the kernel's own structures. BTF knows their fields, but not
 * their rules. The test here shows that the walk follows the rules of this
 * kernel. */
#include "pagefault/mappings.h"

#include "kernel/log.h"
#include "kernel/run.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#define MAPS "/proc/self/maps"

/* More than one round: other threads of the daemon may map and unmap meanwhile.
 */
#define ROUNDS_MAX 5

struct mapping {
  uint64_t start, end;
};

/* vsyscall is above all that a process can map. It is no mapping of the
 * process. */
static bool is_kernel_half(const struct mapping *mapping) {
  return mapping->start >> 63;
}

/* 1 if the walk finds the mapping, 0 if not, or -errno. */
static int find(const struct bpf_program *program, uint64_t address,
                const struct mapping *mapping) {
  const uint64_t args[] = {address, mapping->start, mapping->end};

  return run_program(bpf_program__fd(program), args, /* count = */ 3);
}

static int find_both_ends(const struct bpf_program *program,
                          const struct mapping *mapping) {
  int found = find(program, mapping->start, mapping);

  return found == 1 ? find(program, mapping->end - 1, mapping) : found;
}

/* 1 if the walk finds all mappings, 0 with the first that it does not, or
 * -errno. */
static int find_all(const struct bpf_program *program,
                    struct mapping *ret_mapping) {
  FILE *file = fopen(MAPS, "re");
  int found = 1;

  if (!file)
    return -errno;
  while (found == 1 && fscanf(file, "%" SCNx64 "-%" SCNx64 "%*[^\n]",
                              &ret_mapping->start, &ret_mapping->end) == 2)
    if (!is_kernel_half(ret_mapping))
      found = find_both_ends(program, ret_mapping);
  if (found == 1 && ferror(file))
    found = -EIO;
  fclose(file);
  return found;
}

int mappings_check(const struct bpf_program *program, const struct log *log) {
  struct mapping mapping = {0};
  int found = 0;

  for (int i = 0; i < ROUNDS_MAX && !found; i++)
    found = find_all(program, &mapping);
  if (found < 0)
    return found;
  if (found)
    return 0;
  log_printf(log, LOG_LEVEL_WARNING,
             "pagefault: hook event is refused: this kernel's tree of mappings "
             "is not read as " MAPS " has it, at %" PRIx64 "-%" PRIx64,
             mapping.start, mapping.end);
  return -EXDEV;
}
