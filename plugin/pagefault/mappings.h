/* SPDX-License-Identifier: MIT */
/* Tells whether the programs' own walk finds the mappings of a process. */
#ifndef BPFMEM_PAGEFAULT_MAPPINGS_H
#define BPFMEM_PAGEFAULT_MAPPINGS_H

struct bpf_program;
struct log;

/* Compares the walk with /proc/self/maps, at both ends of each mapping.
 * `program` is pf_check_mapping, loaded. Returns 0, -errno, or -EXDEV after
 * logging the first mapping that was not found. */
int mappings_check(const struct bpf_program *program, const struct log *log);

#endif
