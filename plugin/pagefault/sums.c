// SPDX-License-Identifier: MIT
#include "pagefault/sums.h"

#include "pagefault/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int pagefault_sums_open(struct pagefault_sums *sums, unsigned cpus,
                        unsigned slots_max, bool taken_back) {
  sums->cpus = cpus;
  sums->slots_max = slots_max;
  sums->slots = calloc(slots_max, sizeof(*sums->slots));
  sums->looks[0] = calloc(slots_max, sizeof(*sums->looks[0]));
  if (taken_back)
    sums->looks[1] = calloc(slots_max, sizeof(*sums->looks[1]));
  return sums->slots && sums->looks[0] && (sums->looks[1] || !taken_back)
             ? 0
             : -ENOMEM;
}

void pagefault_sums_close(struct pagefault_sums *sums) {
  free(sums->slots);
  free(sums->looks[0]);
  free(sums->looks[1]);
  *sums = (struct pagefault_sums){0};
}

static void look(const struct pagefault_sums *sums,
                 const struct pagefault_object *object,
                 struct pf_count *ret_counts) {
  counters_now(&object->counts, sums->cpus,
               sums->slots_max * (sizeof(*ret_counts) / sizeof(uint32_t)),
               (uint32_t *)ret_counts);
  pagefault_lines_add(&object->lines, ret_counts);
}

static void go_on(struct pf_sum *sum, const struct pf_count *now) {
  sum->minor = counters_on(sum->minor, now->minor);
  sum->major = counters_on(sum->major, now->major);
}

/* A fault on a page that is absent, among others that are there, may be minor
 * for a microsecond, and a read in it would show one too many until the file's
 * next one. So there are two looks, and the lower counts. */
static void go_on_lower(struct pf_sum *sum, const struct pf_count *before,
                        const struct pf_count *now) {
  uint32_t lower = counters_lower(before->minor, now->minor);

  sum->minor = counters_higher(sum->minor, counters_on(sum->minor, lower));
  sum->major = counters_on(sum->major, now->major);
}

static void read_files(struct pagefault_sums *sums,
                       const struct pagefault_object *object) {
  look(sums, object, sums->looks[0]);
  if (sums->looks[1])
    look(sums, object, sums->looks[1]);
  for (unsigned i = PF_SLOT_FILES; i < sums->slots_max; i++)
    if (sums->looks[1])
      go_on_lower(&sums->slots[i], &sums->looks[0][i], &sums->looks[1][i]);
    else
      go_on(&sums->slots[i], &sums->looks[0][i]);
}

static void read_fixed(struct pagefault_sums *sums,
                       const struct pagefault_object *object) {
  counters_sum(&object->cpus, sums->cpus,
               sizeof(struct pf_cpu) / sizeof(uint64_t),
               (uint64_t *)&sums->cpu);
  for (unsigned i = 0; i < PF_SLOT_FILES; i++) {
    struct pf_sum *sum = &sums->fixed[i], *now = &sums->cpu.fixed[i];

    sum->minor = counters_higher(sum->minor, now->minor);
    sum->major = counters_higher(sum->major, now->major);
  }
  memcpy(sums->slots, sums->fixed, sizeof(sums->fixed));
}

void pagefault_sums_read(struct pagefault_sums *sums,
                         const struct pagefault_object *object) {
  read_fixed(sums, object);
  read_files(sums, object);
  sums->total = (struct pf_sum){0};
  for (unsigned i = 0; i < sums->slots_max; i++) {
    sums->total.minor += sums->slots[i].minor;
    sums->total.major += sums->slots[i].major;
  }
}

void pagefault_sums_add_rest(struct pagefault_sums *sums,
                             const struct pf_sum *all) {
  struct pf_sum *rest = &sums->fixed[PF_SLOT_UNATTRIBUTED];
  uint64_t minor = sums->total.minor - rest->minor;
  uint64_t major = sums->total.major - rest->major;

  rest->major = counters_higher(rest->major, all->major - major);
  rest->minor = counters_higher(rest->minor, all->minor - minor);
  sums->slots[PF_SLOT_UNATTRIBUTED] = *rest;
  sums->total = (struct pf_sum){.minor = minor + rest->minor,
                                .major = major + rest->major};
}
