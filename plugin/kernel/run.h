/* SPDX-License-Identifier: MIT */
/* Programs that user space runs (BPF_PROG_TEST_RUN of a raw tracepoint's
 * program: since 5.10, 1b4d60ec162f).
 *
 * They change maps in the place of bpf(2). While a task is preempted in bpf(2),
 * as it changes a map, the kernel runs no program at perf events, kprobes and
 * classic tracepoints of that CPU, whoever owns the program (bpf_prog_active,
 * 5.10 to 7.3). Nothing preempts a task in such a program. */
#ifndef BPFMEM_KERNEL_RUN_H
#define BPFMEM_KERNEL_RUN_H

#include <stddef.h>
#include <stdint.h>

struct bpf_object;

/* Call it before load, so that the program is loaded. -ENOENT when the object
 * lacks it. */
int run_select(const struct bpf_object *object, const char *program);

/* The file descriptor of a loaded program, or less than 0. */
int run_fd(const struct bpf_object *object, const char *program);

/* Runs the program with `count` arguments. Returns its result or -errno. */
int run_program(int fd, const uint64_t *args, size_t count);

/* Has the program change the slots from `first` to below `end`; `change` is its
 * third argument. It returns the next slot to change. 0, -errno, or -ENOSPC
 * when it cannot change one, as a queue that is full takes none. */
int run_slots(int fd, uint32_t first, uint32_t end, uint32_t change);

#endif
