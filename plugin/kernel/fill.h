/* SPDX-License-Identifier: MIT */
/* A queue of free slots, filled by a program of its object: see bpf/fill.bpf.h
 * for why not by bpf(2). */
#ifndef BPFMEM_KERNEL_FILL_H
#define BPFMEM_KERNEL_FILL_H

#include <stdint.h>

struct bpf_object;

/* Before load: the program will be there. -ENOENT when the object lacks it. */
int fill_select(const struct bpf_object *object, const char *program);

/* After load, before any other program runs: offers the slots from `first` to
 * below `end`, once. 0, -errno, or -ENOSPC when they do not fit. */
int fill_queue(const struct bpf_object *object, const char *program,
               uint32_t first, uint32_t end);

#endif
