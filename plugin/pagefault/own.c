// SPDX-License-Identifier: MIT
/* The kernel's own count of faults. */
#include "pagefault/own.h"

#include "kernel/features.h"
#include "kernel/perf.h"

#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* pgfault does not count retried faults since 6.4 (53156443a7f2), as old as
 * this flag. */
static const struct hook_need need_vmstat = {HOOK_NEEDS_VALUE,
                                             "fault_flag.FAULT_FLAG_VMA_LOCK"};

/* Programs may be skipped: only there is it worth what the events cost. */
static const struct hook_need need_check = {HOOK_NEEDS_PREEMPTION,
                                            "BPF programs"};

uint64_t pagefault_own_attempts(void) {
  FILE *file = fopen("/proc/vmstat", "re");
  uint64_t value = 0;
  char line[128];

  while (file && fgets(line, sizeof(line), file))
    if (sscanf(line, "pgfault %" SCNu64, &value) == 1)
      break;
  if (file)
    fclose(file);
  return value;
}

static void open_perf(struct pagefault_own *own) {
  own->kind = PAGEFAULT_OWN_PERF;
  if (!perf_open(PERF_COUNT_SW_PAGE_FAULTS_MIN, NULL, &own->minor) &&
      !perf_open(PERF_COUNT_SW_PAGE_FAULTS_MAJ, NULL, &own->major))
    return;
  pagefault_own_close(own);
}

void pagefault_own_open(struct pagefault_own *own, struct features *info,
                        enum settings_hooks hook) {
  if (features_exists(info, &need_vmstat) && pagefault_own_attempts())
    own->kind = PAGEFAULT_OWN_VMSTAT;
  else if (hook == SETTINGS_HOOKS_FEXIT && features_exists(info, &need_check))
    open_perf(own);
}

void pagefault_own_close(struct pagefault_own *own) {
  perf_close(own->minor);
  perf_close(own->major);
  *own = (struct pagefault_own){0};
}

uint64_t pagefault_own_read(const struct pagefault_own *own) {
  if (own->kind == PAGEFAULT_OWN_VMSTAT)
    return pagefault_own_attempts();
  return perf_read(own->minor) + perf_read(own->major);
}
