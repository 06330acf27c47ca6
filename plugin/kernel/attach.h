/* SPDX-License-Identifier: MIT */
/* One loaded BPF program at its hook, whatever kind of hook it is. */
#ifndef BPFMEM_KERNEL_ATTACH_H
#define BPFMEM_KERNEL_ATTACH_H

#include "kernel/hook.h"
#include "kernel/tracefs.h"

#include <stdint.h>

struct bpf_link;
struct bpf_object;
struct bpf_program;

/* Zero is detached. */
struct attachment {
  const struct bpf_program *program;
  struct bpf_link *link;      /* tracing, raw tracepoint, kprobe */
  struct tracefs_event event; /* kprobe */
};

/* Makes exactly the candidate's programs load; call before load for each
 * candidate chosen. -ENOENT when the object lacks one. */
int attach_select(struct bpf_object *object,
                  const struct hook_candidate *candidate);
/* Makes no program load: the start of a choice. */
void attach_select_none(struct bpf_object *object);

/* Attaches a loaded program by its type; `function` is the kernel function of
 * a kprobe program. 0 or -errno. */
int attach_open(struct bpf_program *program, const char *function,
                struct attachment *ret_attachment);
void attach_close(struct attachment *attachment);

/* Events that the kernel skipped: BPF's recursion guard, or maxactive. It does
 * not count them for perf events. */
uint64_t attach_missed(const struct attachment *attachment);

#endif
