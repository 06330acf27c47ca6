// SPDX-License-Identifier: MIT
/* Which call fails. */
#include "inject.h"

#include <linux/bpf.h>

static struct inject_point point;
static enum inject_phase phase;
static bool happened;
static inject_counts made;

void inject_arm(const struct inject_point *wanted) {
  point = *wanted;
}

void inject_begin(enum inject_phase started) {
  phase = started;
}

void inject_end(void) {
  phase = INJECT_NONE;
}

bool inject_happened(void) {
  return happened;
}

const inject_counts *inject_made(void) {
  return &made;
}

int inject_error(unsigned kind) {
  unsigned long count;

  if (phase == INJECT_NONE)
    return 0;
  count = ++made[phase][kind];
  if (phase != point.phase || kind != point.kind || count < point.at ||
      (count > point.at && !point.for_good))
    return 0;
  happened = true;
  return point.error;
}

static const char *const names[INJECT_KINDS] = {
    [BPF_MAP_CREATE] = "BPF_MAP_CREATE",
    [BPF_MAP_LOOKUP_ELEM] = "BPF_MAP_LOOKUP_ELEM",
    [BPF_MAP_UPDATE_ELEM] = "BPF_MAP_UPDATE_ELEM",
    [BPF_MAP_DELETE_ELEM] = "BPF_MAP_DELETE_ELEM",
    [BPF_PROG_LOAD] = "BPF_PROG_LOAD",
    [BPF_PROG_TEST_RUN] = "BPF_PROG_TEST_RUN",
    [BPF_OBJ_GET_INFO_BY_FD] = "BPF_OBJ_GET_INFO_BY_FD",
    [BPF_RAW_TRACEPOINT_OPEN] = "BPF_RAW_TRACEPOINT_OPEN",
    [BPF_BTF_LOAD] = "BPF_BTF_LOAD",
    [BPF_BTF_GET_FD_BY_ID] = "BPF_BTF_GET_FD_BY_ID",
    [BPF_BTF_GET_NEXT_ID] = "BPF_BTF_GET_NEXT_ID",
    [BPF_MAP_FREEZE] = "BPF_MAP_FREEZE",
    [BPF_LINK_CREATE] = "BPF_LINK_CREATE",
    [BPF_PROG_BIND_MAP] = "BPF_PROG_BIND_MAP",
    [INJECT_BPF_TRIAL] = "bpf, as libbpf tries the kernel",
    [INJECT_PERF_EVENT_OPEN] = "perf_event_open",
    [INJECT_CAPGET] = "capget",
    [INJECT_IOCTL] = "ioctl",
    [INJECT_MMAP] = "mmap",
    [INJECT_OPEN] = "open",
    [INJECT_FOPEN] = "fopen",
    [INJECT_READ_CALL] = "read",
    [INJECT_FREAD] = "fread",
    [INJECT_WRITE] = "write",
    [INJECT_ACCESS] = "access",
    [INJECT_FCNTL] = "fcntl",
    [INJECT_EPOLL] = "epoll",
    [INJECT_MALLOC] = "malloc",
    [INJECT_MALLOC_BY_LIBS] = "malloc by libraries",
};

const char *inject_kind_name(unsigned kind) {
  return names[kind] ? names[kind] : "bpf, another command";
}
