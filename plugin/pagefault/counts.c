// SPDX-License-Identifier: MIT
/* Sums the counters of all CPUs. */
#include "pagefault/counts.h"

#include "kernel/counters.h"
#include "pagefault/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int pagefault_counts_open(struct pagefault_counts *counts, unsigned cpus,
                          unsigned slots_max) {
  counts->cpus = cpus;
  counts->slots_max = slots_max;
  counts->slots = calloc(slots_max, sizeof(*counts->slots));
  counts->now = calloc(slots_max, sizeof(*counts->now));
  counts->stalled = calloc(slots_max, sizeof(*counts->stalled));
  return counts->slots && counts->now && counts->stalled ? 0 : -ENOMEM;
}

void pagefault_counts_close(struct pagefault_counts *counts) {
  free(counts->slots);
  free(counts->now);
  free(counts->stalled);
  *counts = (struct pagefault_counts){0};
}

static void read_files(struct pagefault_counts *counts,
                       const struct pagefault_object *object) {
  counters_sum_32(&object->counts, counts->cpus,
                  counts->slots_max * (sizeof(*counts->now) / sizeof(uint32_t)),
                  (uint32_t *)counts->now);
  for (unsigned i = PF_SLOT_FILES; i < counts->slots_max; i++) {
    struct pf_sum *sum = &counts->slots[i];

    sum->minor = counters_continue(sum->minor, counts->now[i].minor);
    sum->major = counters_continue(sum->major, counts->now[i].major);
  }
}

static void read_fixed(struct pagefault_counts *counts,
                       const struct pagefault_object *object) {
  counters_sum(&object->cpus, counts->cpus,
               sizeof(struct pf_cpu) / sizeof(uint64_t),
               (uint64_t *)&counts->cpu);
  memcpy(counts->slots, counts->cpu.fixed,
         PF_SLOT_FILES * sizeof(counts->cpu.fixed[0]));
}

void pagefault_counts_read(struct pagefault_counts *counts,
                           const struct pagefault_object *object) {
  read_fixed(counts, object);
  read_files(counts, object);
  counters_sum(&object->stalled, /* cpus = */ 1, counts->slots_max,
               counts->stalled);
  counts->counted = (struct pf_sum){0};
  for (unsigned i = 0; i < counts->slots_max; i++) {
    counts->counted.minor += counts->slots[i].minor;
    counts->counted.major += counts->slots[i].major;
  }
}

void pagefault_counts_add_rest(struct pagefault_counts *counts,
                               const struct pf_sum *rest) {
  counts->slots[PF_SLOT_UNATTRIBUTED].minor += rest->minor;
  counts->slots[PF_SLOT_UNATTRIBUTED].major += rest->major;
}
