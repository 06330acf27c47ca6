// SPDX-License-Identifier: MIT
/* What is attached while something is measured. */
#include "micro.h"

const struct subject subject_slab = {
    .session = {.id = PROBE_SLAB, .hooks = SETTINGS_HOOKS_TRACEPOINT},
    .warm = {&work_stat, &work_open_close, &work_spawn},
    .empty = EMPTY_SLAB_TRACEPOINTS,
    .least = LEAST_SLAB,
    .tracer = &tracer_slab};

const struct subject subject_faults = {
    .session = {.id = PROBE_PAGEFAULT,
                .hooks = SETTINGS_HOOKS_EVENT,
                .without_functions = true},
    .empty = EMPTY_FAULT_EVENTS,
    .tracer = &tracer_faults};

const struct subject subject_slab_vm = {
    .session = {.id = PROBE_SLAB},
    .warm = {&work_stat, &work_open_close, &work_spawn},
    .empty = EMPTY_SLAB_TRACEPOINTS,
    .tracer = &tracer_slab_kprobe,
    .tracer_more = &tracer_slabratetop};

const struct subject subject_faults_fexit = {
    .session = {.id = PROBE_PAGEFAULT, .hooks = SETTINGS_HOOKS_FEXIT},
    .empty = EMPTY_FAULT_FEXIT,
    .least = LEAST_FAULT_FEXIT,
    .tracer = &tracer_ffaults};

const struct subject subject_faults_event = {
    .session = {.id = PROBE_PAGEFAULT, .hooks = SETTINGS_HOOKS_EVENT},
    .empty = EMPTY_FAULT_EVENTS_AND_FEXIT,
    .tracer = &tracer_ffaults};

static struct {
  struct empty *empty;
  struct least *least;
  struct session *session;
  struct tracing *tracing;
} now;

bool state_exists(const struct subject *subject, enum state state) {
  switch (state) {
  case LEAST:
    return subject->least != LEAST_NONE;
  case EMPTY_MORE:
    return subject->empty_more != EMPTY_NONE;
  case TRACER:
    return subject->tracer;
  case TRACER_MORE:
    return subject->tracer_more;
  default:
    return true;
  }
}

const char *state_name(const struct subject *subject, enum state state) {
  static const char *const names[] = {"nothing", "empty programs", "bpfmem",
                                      "the least that counts"};

  if (state == EMPTY_MORE)
    return subject->empty_more_name;
  if (state == TRACER)
    return subject->tracer->name;
  return state == TRACER_MORE ? subject->tracer_more->name : names[state];
}

/* Caches have their lines from the read after their first events. */
static void enter_session(const struct subject *subject) {
  now.session = session_open(&subject->session);
  for (int i = 0; i < WORKS_MAX && subject->warm[i]; i++)
    subject->warm[i]->run();
  session_read(now.session);
}

bool state_enter(const struct subject *subject, enum state state) {
  if (state == EMPTY)
    empty_open(subject->empty, &now.empty);
  else if (state == LEAST)
    least_open(subject->least, &now.least);
  else if (state == EMPTY_MORE)
    empty_open(subject->empty_more, &now.empty);
  else if (state == BPFMEM)
    enter_session(subject);
  else if (state == TRACER)
    now.tracing = tracer_start(subject->tracer);
  else if (state == TRACER_MORE)
    now.tracing = tracer_start(subject->tracer_more);
  return now.tracing || state < TRACER;
}

void state_leave(void) {
  empty_close(now.empty);
  least_close(now.least);
  session_close(now.session);
  tracer_stop(now.tracing);
  now.empty = NULL;
  now.least = NULL;
  now.session = NULL;
  now.tracing = NULL;
}
