/* SPDX-License-Identifier: MIT */
/* The BPF object of the page fault probe: one of two, with its constants and
 * tables. */
#ifndef BPFMEM_PAGEFAULT_OBJECT_H
#define BPFMEM_PAGEFAULT_OBJECT_H

#include "kernel/counters.h"
#include "pagefault/api.h"

struct bpf_object;
struct bpf_program;
struct hook_candidate;

/* All zero when closed. */
struct pagefault_object {
  struct bpf_object *bpf;
  struct counters_table slots, counts, stalled, cpus, stats;
  struct counters_table read; /* struct pf_read, written by this process */
};

struct pagefault_object_options {
  const struct hook_candidate *hook;
  const struct hook_candidate *stall; /* NULL: starts of waits are not hooked */
  const char *btf; /* a file for want of the kernel's own BTF, or NULL */
  unsigned cpus, slots_max;
};

/* Loads the hooks' programs and maps the tables. 0, -errno, or -EOVERFLOW when
 * there are too many counters. After a failure call pagefault_object_close(),
 * too. */
int pagefault_object_open(const struct pagefault_object_options *options,
                          struct pagefault_object *ret_object);
void pagefault_object_close(struct pagefault_object *object);

/* Tells programs that a read begins. */
void pagefault_object_begin(const struct pagefault_object *object);

/* The file descriptor of a map, or less than 0. */
int pagefault_object_map(const struct pagefault_object *object,
                         const char *name);
struct bpf_program *
pagefault_object_program(const struct pagefault_object *object,
                         const char *name);

struct pf_stats pagefault_object_stats(const struct pagefault_object *object);

#endif
