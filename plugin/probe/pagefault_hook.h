/* SPDX-License-Identifier: MIT */
/* The page fault probe on one hook: its programs, its tables, and the kernel's
 * own counts beside them. */
#ifndef BPFMEM_PAGEFAULT_HOOK_H
#define BPFMEM_PAGEFAULT_HOOK_H

#include "attach.h"
#include "hook.h"
#include "log.h"
#include "names.h"
#include "pagefault_api.h"
#include "pagefault_missed.h"
#include "pagefault_own.h"
#include "pagefault_watch.h"
#include "slots.h"
#include "walk.h"

#include <stdbool.h>

struct kernelinfo;

struct pagefault {
  unsigned cpus, slots_max; /* kept from hook to hook */
  const char *btf;
  struct log log;
  struct pagefault_bpf *bpf;
  const struct hook_candidate *hook;
  struct attachment attached[HOOK_PROGRAMS_MAX];
  struct names names;
  struct walk_table slot_table, count_table, cpu_table;
  struct slots *slots;
  struct pf_sum *sums;   /* by slot, at the last harvest */
  struct pf_cpu cpu_sum; /* as well */
  uint64_t total;        /* of sums */
  struct pagefault_own own;
  struct pagefault_missed missed;
  struct pagefault_watch watch;
  uint64_t skipped; /* by the kernel, as last known */
};

/* Loads and attaches. 0 or -errno, with nothing left behind. */
int pagefault_hook_open(struct pagefault *pf, struct kernelinfo *info,
                        const struct hook_candidate *hook);
/* Back to nothing, so that the next hook can be tried. */
void pagefault_hook_close(struct pagefault *pf);

/* Reads all counters into `sums`, `total`, `cpu_sum` and `missed`. */
void pagefault_hook_read(struct pagefault *pf);

/* Events that no program saw, as of the last read. */
uint64_t pagefault_hook_missed(struct pagefault *pf);

bool pagefault_hook_is(const struct pagefault *pf, enum settings_hooks kind);

#endif
