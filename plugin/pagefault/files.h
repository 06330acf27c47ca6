/* SPDX-License-Identifier: MIT */
/* The user half of the table of files: it keeps the name of each slot's owner,
 * and gives slots back when the table fills up.
 *
 * A slot goes from its owner to the next in two reads. First its file leaves
 * pf_files, so that no new event finds the slot. One read later its last events
 * are harvested, and it returns to pf_free. Counters are never cleared. */
#ifndef BPFMEM_PAGEFAULT_FILES_H
#define BPFMEM_PAGEFAULT_FILES_H

#include "core/source.h"
#include "pagefault/api.h"

struct files;

/* The kernel half: its table, and the program that changes it. */
struct files_kernel {
  const struct pf_slot *table; /* pf_slots, mapped */
  int change_fd;               /* pf_change_slots, see kernel/run.h */
};

/* NULL when memory is short. */
struct files *files_new(unsigned slots_max, const struct files_kernel *kernel);
void files_free(struct files *files);

/* Takes a record of pf_names. The caller has checked its size, but not its
 * content: a record that makes no sense is ignored. */
void files_name(struct files *files, const struct pf_name *name,
                const char *components, size_t size);

/* Hands out each slot's row. `sums` and `stalled`, in ns, have slots_max
 * elements. */
void files_harvest(struct files *files, const struct pf_sum *sums,
                   const uint64_t *stalled, source_take_row *take, void *arg);

/* The number of files that have a slot, and of those that have no name yet. */
unsigned files_used(const struct files *files);
unsigned files_unnamed(const struct files *files);

#endif
