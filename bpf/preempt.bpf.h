/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Keeps the task on its CPU. One that is preempted in a program makes the
 * kernel skip that program on this CPU for as long as the task waits; what is
 * left are a few instructions of the kernel's before and after. The kfuncs are
 * older (6.10, fc7566ad0a82) than preemptible tracepoints (7.2). */
#ifndef BPFMEM_PREEMPT_BPF_H
#define BPFMEM_PREEMPT_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_helpers.h>

void bpf_preempt_disable(void) __ksym __weak;
void bpf_preempt_enable(void) __ksym __weak;

static __always_inline void preempt_off(bool preemptible) {
  if (preemptible)
    bpf_preempt_disable();
}

static __always_inline void preempt_on(bool preemptible) {
  if (preemptible)
    bpf_preempt_enable();
}

#endif
