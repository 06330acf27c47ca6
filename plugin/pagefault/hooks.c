// SPDX-License-Identifier: MIT
/* How page faults are hooked. */
#include "pagefault/hooks.h"

/* Since 6.0. Without it, no fault that counts has given its vma away. */
#define NEEDS_COMPLETED                                                        \
  { HOOK_NEEDS_VALUE, "vm_fault_reason.VM_FAULT_COMPLETED" }

/* Most exact first, then cheapest; kernels and figures: man page, HOOKS. A
 * preemptible kernel (preempt=full, or lazily since 6.13, 7c70cb94d29c) may
 * preempt a task inside an fexit program, and BPF's recursion guard then skips
 * other tasks' faults on that CPU: there the kprobe, which runs unpreempted,
 * comes first.
 * Rejected: exceptions:page_fault_user with bpf_find_vma() costs 13 us a fault
 * and sees retries; filemap_fault() alone misses fault-around. */
static const struct hook_candidate candidates[] = {
    {.kind = SETTINGS_HOOKS_KPROBE,
     .programs = {"pf_entry_kprobe", "pf_exit_kretprobe"},
     .needs = {{HOOK_NEEDS_PREEMPTION, "BPF programs"},
               {HOOK_NEEDS_KPROBE, PAGEFAULT_FUNCTION}}},
    {.kind = SETTINGS_HOOKS_FEXIT,
     .programs = {"pf_dirty_fentry", "pf_exit_fexit"},
     .needs = {{HOOK_NEEDS_FUNCTION, PAGEFAULT_FUNCTION},
               {HOOK_NEEDS_FUNCTION, "fault_dirty_shared_page"},
               NEEDS_COMPLETED}},
    {.kind = SETTINGS_HOOKS_FEXIT,
     .programs = {"pf_entry_fentry", "pf_exit_fexit"},
     .needs = {{HOOK_NEEDS_FUNCTION, PAGEFAULT_FUNCTION}, NEEDS_COMPLETED}},
    {.kind = SETTINGS_HOOKS_FEXIT,
     .programs = {"pf_alone_fexit"},
     .needs = {{HOOK_NEEDS_FUNCTION, PAGEFAULT_FUNCTION}}},
    {.kind = SETTINGS_HOOKS_KPROBE,
     .programs = {"pf_entry_kprobe", "pf_exit_kretprobe"},
     .needs = {{HOOK_NEEDS_KPROBE, PAGEFAULT_FUNCTION}}},
    {.kind = SETTINGS_HOOKS_TRACEPOINT,
     .programs = {"pf_map_tp", "pf_fault_tp", "pf_major_perf"},
     .needs = {{HOOK_NEEDS_TYPED_TRACEPOINT, "mm_filemap_map_pages"},
               {HOOK_NEEDS_TYPED_TRACEPOINT, "mm_filemap_fault"},
               {HOOK_NEEDS_KFUNC, "bpf_iter_task_vma_new"}}},
};

const struct hook_event pagefault_hooks = {
    .name = "page fault",
    .count = sizeof(candidates) / sizeof(candidates[0]),
    .candidates = candidates,
};

const struct hook_candidate pagefault_old_kprobe = {
    .kind = SETTINGS_HOOKS_KPROBE,
    .programs = {"pf_entry_hash", "pf_exit_hash"}};

const struct hook_candidate pagefault_plain_tracepoint = {
    .kind = SETTINGS_HOOKS_TRACEPOINT,
    .programs = {"pf_map_plain_tp", "pf_fault_plain_tp", "pf_major_perf"}};

const struct hook_candidate pagefault_preemptible_tracepoint = {
    .kind = SETTINGS_HOOKS_TRACEPOINT,
    .programs = {"pf_map_preemptible_tp", "pf_fault_preemptible_tp",
                 "pf_major_perf"}};

unsigned pagefault_hooks_last(const struct hook_candidate *hook) {
  unsigned i = 0;

  while (i + 1 < HOOK_PROGRAMS_MAX && hook->programs[i + 1])
    i++;
  return i;
}

const struct hook_need pagefault_atomics = {HOOK_NEEDS_ATOMICS, "BPF programs"};
