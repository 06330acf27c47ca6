/* SPDX-License-Identifier: MIT */
/* A queue of free slots, filled by a program of its object: see bpf/fill.bpf.h
 * for why not by bpf(2). */
#ifndef BPFMEM_KERNEL_FILL_H
#define BPFMEM_KERNEL_FILL_H

#include <stdint.h>

struct bpf_object;

/* Call it before load, so that the program is loaded. -ENOENT when the object
 * lacks it. */
int fill_select(const struct bpf_object *object, const char *program);

/* Call it once, after load and before any other program runs. Offers the slots
 * from `first` to below `end`. 0, -errno, or -ENOSPC when they do not fit. */
int fill_queue(const struct bpf_object *object, const char *program,
               uint32_t first, uint32_t end);

#endif
