/* SPDX-License-Identifier: MIT */
/* The page fault probe on one hook: its programs, its tables, and the kernel's
 * own counts beside them. */
#ifndef BPFMEM_PAGEFAULT_HOOK_H
#define BPFMEM_PAGEFAULT_HOOK_H

#include "kernel/attach.h"
#include "kernel/hook.h"
#include "kernel/log.h"
#include "pagefault/missed.h"
#include "pagefault/names.h"
#include "pagefault/object.h"
#include "pagefault/own.h"
#include "pagefault/slots.h"
#include "pagefault/sums.h"
#include "pagefault/watch.h"

#include <stdbool.h>

struct features;

struct pagefault {
  unsigned cpus, slots_max; /* kept from hook to hook */
  const char *btf;
  struct log log;
  struct pagefault_object object;
  const struct hook_candidate *hook;
  struct attachment attached[HOOK_PROGRAMS_MAX];
  struct names names;
  struct slots *slots;
  struct pagefault_sums sums;
  struct pf_sum
      before; /* hook tracepoint: what the kernel counted by its start */
  struct pagefault_own own;
  struct pagefault_missed missed;
  struct pagefault_watch watch;
  uint64_t skipped; /* by the kernel, as last known */
};

/* Loads and attaches. 0 or -errno, with nothing left behind. */
int pagefault_hook_open(struct pagefault *pf, struct features *info,
                        const struct hook_candidate *hook);
/* Back to nothing, so that the next hook can be tried. */
void pagefault_hook_close(struct pagefault *pf);

/* Reads all counters into `sums` and `missed`. */
void pagefault_hook_read(struct pagefault *pf);

/* Faults that are in no series, as of the last read. */
uint64_t pagefault_hook_missed(struct pagefault *pf);
/* Those whose file was known and is lost. */
uint64_t pagefault_hook_unstashed(const struct pagefault *pf);

bool pagefault_hook_is(const struct pagefault *pf, enum settings_hooks kind);

#endif
