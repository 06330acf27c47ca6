/* SPDX-License-Identifier: MIT */
/* Calls that fail when told to: the C library's own names, in front of it. */
#ifndef BPFMEM_INJECT_H
#define BPFMEM_INJECT_H

#include <stdbool.h>

/* What of the plugin is going on when a call fails. */
enum inject_phase {
  INJECT_NONE,
  INJECT_CONFIG,
  INJECT_INIT,
  INJECT_READ,
  INJECT_PHASES
};

/* Kinds of call, counted apart; before these, one for each command of bpf(2).
 */
enum inject_kind {
  INJECT_BPF_MAX = 40,
  INJECT_BPF_TRIAL = INJECT_BPF_MAX, /* libbpf trying what the kernel can */
  INJECT_PERF_EVENT_OPEN,
  INJECT_CAPGET,
  INJECT_IOCTL,
  INJECT_MMAP,
  INJECT_OPEN,
  INJECT_FOPEN,
  INJECT_READ_CALL,
  INJECT_FREAD,
  INJECT_WRITE,
  INJECT_ACCESS,
  INJECT_FCNTL,
  INJECT_EPOLL,
  INJECT_MALLOC,         /* called by the plugin itself */
  INJECT_MALLOC_BY_LIBS, /* by libbpf, libelf and the C library for it */
  INJECT_KINDS
};

/* The call to fail: the `at`th of that kind, from 1, in that phase. */
struct inject_point {
  enum inject_phase phase;
  unsigned kind;
  unsigned long at;
  int error;
  bool for_good; /* and all of that kind after it, until the phase ends */
};

typedef unsigned long inject_counts[INJECT_PHASES][INJECT_KINDS];

void inject_arm(const struct inject_point *point);
void inject_begin(enum inject_phase phase);
void inject_end(void);
bool inject_happened(void);
/* Calls made so far, whether failed or not. */
const inject_counts *inject_made(void);
/* "MAP_CREATE", "mmap"; static storage. */
const char *inject_kind_name(unsigned kind);

/* For the calls: the error to fail with, or 0. */
int inject_error(unsigned kind);

#endif
