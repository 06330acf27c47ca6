// SPDX-License-Identifier: MIT
/* How page faults are hooked. */
#include "pagefault/hooks.h"

#define NEEDS_FEXIT                                                            \
  { HOOK_NEEDS_FUNCTION, PAGEFAULT_FUNCTION }
#define NEEDS_LOADS                                                            \
  { HOOK_NEEDS_KFUNC, "bpf_rdonly_cast" }

#define STALL_FUNCTION "filemap_fault"

#define EVENT_PROGRAMS "pf_minor_event", "pf_major_event", "pf_check_mapping"

/* Most exact first, then cheapest; see the man page, HOOKS, for kernels and
 * figures. A preemptible kernel (preempt=full, or lazy since 6.13,
 * 7c70cb94d29c) may preempt a task inside an fexit program, and BPF's recursion
 * guard then skips other tasks' faults on that CPU. Programs at events run with
 * interrupts off. Rejected: kprobe and kretprobe, which cost twice as much as
 * the event and lose faults when more threads wait than there are return
 * probes; tracepoints of the page cache, which know nothing of memory that is
 * no file. */
static const struct hook_candidate faults[] = {
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

/* The cheapest first. The tracepoint exists since 6.12; arm64 has fentry at
 * functions since 6.4. When a task is preempted in such a program, the starts
 * of others on its CPU are not seen: their waits are in stalls_unstarted. */
static const struct hook_candidate stalls[] = {
    {.kind = SETTINGS_HOOKS_TRACEPOINT,
     .programs = {"pf_start_tracepoint"},
     .needs = {{HOOK_NEEDS_TRACEPOINT, "mm_filemap_fault"}}},
    {.kind = SETTINGS_HOOKS_FEXIT,
     .programs = {"pf_start_fentry"},
     .needs = {{HOOK_NEEDS_FUNCTION, STALL_FUNCTION}}},
    {.kind = SETTINGS_HOOKS_KPROBE,
     .programs = {"pf_start_kprobe"},
     .needs = {{HOOK_NEEDS_KPROBE, STALL_FUNCTION}}},
};

const struct hook_event pagefault_hooks[PAGEFAULT_HOOK_COUNT] = {
    [PAGEFAULT_FAULT] = {.name = "page fault",
                         .count = sizeof(faults) / sizeof(faults[0]),
                         .candidates = faults},
    [PAGEFAULT_STALL] = {.name = "start of a wait for a file",
                         .is_free = true,
                         .count = sizeof(stalls) / sizeof(stalls[0]),
                         .candidates = stalls},
};
