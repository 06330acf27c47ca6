// SPDX-License-Identifier: MIT
/* Chooses the first candidate that is wanted and has all that it needs. */
#include "kernel/hook.h"

#include <stddef.h>

static const char *const need_names[HOOK_NEEDS_COUNT] = {
    [HOOK_NEEDS_NOTHING] = "nothing",
    [HOOK_NEEDS_FUNCTION] = "fexit at",
    [HOOK_NEEDS_KPROBE] = "kprobe at",
    [HOOK_NEEDS_FPROBE] = "fprobe at",
    [HOOK_NEEDS_TRACEPOINT] = "tracepoint",
    [HOOK_NEEDS_CACHE_ARG] = "cache argument of tracepoint",
    [HOOK_NEEDS_KFUNC] = "kfunc",
    [HOOK_NEEDS_CODE] = "function",
    [HOOK_NEEDS_SYMBOL] = "kallsyms symbol",
    [HOOK_NEEDS_FIELD] = "field",
    [HOOK_NEEDS_VALUE] = "enum value",
    [HOOK_NEEDS_PREEMPTION] = "preemption of",
    [HOOK_NEEDS_PREEMPTION_AT] = "preemption at",
    [HOOK_NEEDS_EVENT] = "event in tracefs",
    [HOOK_NEEDS_NO_PREEMPTION] = "no preemption of",
};

const char *hook_need_name(enum hook_need_kind kind) {
  return need_names[kind];
}

bool hook_is_wanted(const struct hook_event *event,
                    const struct hook_candidate *candidate,
                    enum settings_hooks wanted) {
  if (event->is_free || wanted == SETTINGS_HOOKS_AUTO ||
      candidate->kind == wanted)
    return true;
  return event->always_tracepoint &&
         candidate->kind == SETTINGS_HOOKS_TRACEPOINT;
}

bool hook_is_present(const struct hook_event *event, hook_exists *exists,
                     void *ctx) {
  for (unsigned i = 0; i < HOOK_FUNCTIONS_MAX && event->functions[i]; i++) {
    const struct hook_need need = {HOOK_NEEDS_CODE, event->functions[i]};

    if (exists(ctx, &need))
      return true;
  }
  return !event->functions[0];
}

bool hook_needs(const struct hook_candidate *candidate,
                enum hook_need_kind kind) {
  for (unsigned i = 0; i < HOOK_NEEDS_MAX; i++)
    if (candidate->needs[i].kind == kind)
      return true;
  return false;
}

const struct hook_need *hook_unmet(const struct hook_candidate *candidate,
                                   hook_exists *exists, void *ctx) {
  for (unsigned i = 0; i < HOOK_NEEDS_MAX; i++) {
    const struct hook_need *need = &candidate->needs[i];

    if (need->kind != HOOK_NEEDS_NOTHING && !exists(ctx, need))
      return need;
  }
  return NULL;
}

unsigned hook_choose(const struct hook_event *event, unsigned from,
                     enum settings_hooks wanted, hook_exists *exists,
                     void *ctx) {
  for (unsigned i = from; i < event->count; i++)
    if (hook_is_wanted(event, &event->candidates[i], wanted) &&
        !hook_unmet(&event->candidates[i], exists, ctx))
      return i;
  return event->count;
}
