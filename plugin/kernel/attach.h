/* SPDX-License-Identifier: MIT */
/* A loaded BPF program at its hook, of whatever kind. */
#ifndef BPFMEM_KERNEL_ATTACH_H
#define BPFMEM_KERNEL_ATTACH_H

#include "kernel/hook.h"

#include <stdint.h>

struct bpf_link;
struct bpf_object;
struct bpf_program;

/* All zero when detached. */
struct attachment {
  const struct bpf_program *program;
  struct bpf_link *link;
  uint64_t missed, missed_hits; /* as the kernel told last */
};

/* Lets only the candidate's programs be loaded. Call it before load, for each
 * candidate chosen. -ENOENT when the object lacks one. */
int attach_select(struct bpf_object *object,
                  const struct hook_candidate *candidate);
/* Lets no program be loaded: the start of a choice. */
void attach_select_none(struct bpf_object *object);

/* Attaches a loaded program by its type; `target` as in hook.h. 0 or -errno. */
int attach_open(struct bpf_program *program, const char *target,
                struct attachment *ret_attachment);
/* Attaches all programs of a candidate. 0, or -errno; then some may be
 * attached. */
int attach_candidate(const struct bpf_object *object,
                     const struct hook_candidate *candidate,
                     struct attachment ret_attachments[HOOK_PROGRAMS_MAX]);
void attach_close(struct attachment *attachment);

/* The number of events that BPF's recursion guard hid from the program, at all
 * its hooks. It is the same as before when the kernel does not tell. The kernel
 * does not count these events for perf events, and counts them for kprobes
 * since 6.7 (dd8657894c11). */
uint64_t attach_missed(struct attachment *attachment);
/* The number of events that a kprobe or fprobe missed by itself: returns, when
 * too many threads are inside the function. The kernel tells it since 6.7
 * (3acf8ace6823, e2b2cd592adb). */
uint64_t attach_missed_hits(struct attachment *attachment);

#endif
