/* SPDX-License-Identifier: MIT */
/* Whether the kernel may preempt a task inside a BPF program. BPF's recursion
 * guard then skips other tasks' events on that CPU. */
#ifndef BPFMEM_KERNEL_PREEMPT_H
#define BPFMEM_KERNEL_PREEMPT_H

#include <stdbool.h>

/* What the kernel says about itself. A string is NULL if it cannot be read. */
struct preempt_facts {
  const char *version; /* of uname: "#1 SMP PREEMPT_DYNAMIC Debian ..." */
  const char *modes;   /* debugfs: "none voluntary (full) lazy" */
  const char *cmdline; /* "root=/dev/sda1 preempt=none" */
  bool has_lazy;       /* the symbol resched_curr_lazy exists */
};

bool preempt_judge(const struct preempt_facts *facts);

/* Judges the running kernel. */
bool preempt_is_possible(bool has_lazy);

#endif
