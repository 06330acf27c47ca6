// SPDX-License-Identifier: MIT
/* How page faults are hooked. */
#include "pagefault/hooks.h"

#define NEEDS_FEXIT                                                            \
  { HOOK_NEEDS_FUNCTION, PAGEFAULT_FUNCTION }
#define NEEDS_LOADS                                                            \
  { HOOK_NEEDS_KFUNC, "bpf_rdonly_cast" }

#define EVENT_PROGRAMS "pf_minor_event", "pf_major_event", "pf_check_mapping"

/* Most exact first, then cheapest; kernels and figures: man page, HOOKS. A
 * preemptible kernel (preempt=full, or lazily since 6.13, 7c70cb94d29c) may
 * preempt a task inside an fexit program, and BPF's recursion guard then skips
 * other tasks' faults on that CPU. Programs at events run with interrupts off.
 * Rejected: kprobe and kretprobe, which cost twice as much as the event and
 * lose what more threads than there are return probes wait for; tracepoints of
 * the page cache, which know nothing of memory that is no file. */
static const struct hook_candidate candidates[] = {
    {.kind = SETTINGS_HOOKS_FEXIT,
     .programs = {"pf_fexit"},
     .needs = {NEEDS_FEXIT, {HOOK_NEEDS_NO_PREEMPTION, "BPF programs"}}},
    {.kind = SETTINGS_HOOKS_EVENT,
     .programs = {EVENT_PROGRAMS, "pf_silent_fexit"},
     .needs = {NEEDS_LOADS, NEEDS_FEXIT}},
    {.kind = SETTINGS_HOOKS_EVENT,
     .programs = {EVENT_PROGRAMS, "pf_silent_fexit"},
     .needs = {NEEDS_FEXIT}},
    {.kind = SETTINGS_HOOKS_EVENT,
     .programs = {EVENT_PROGRAMS},
     .needs = {NEEDS_LOADS}},
    {.kind = SETTINGS_HOOKS_EVENT, .programs = {EVENT_PROGRAMS}},
    {.kind = SETTINGS_HOOKS_FEXIT,
     .programs = {"pf_fexit"},
     .needs = {NEEDS_FEXIT}},
};

const struct hook_event pagefault_hooks = {
    .name = "page fault",
    .count = sizeof(candidates) / sizeof(candidates[0]),
    .candidates = candidates,
};
