/* SPDX-License-Identifier: MIT */
/* The user half of the table of files: the name of each slot's owner, and which
 * slots are given back when the table fills up.
 *
 * A slot goes from its owner to the next in two reads: its file leaves pf_files
 * (no new event finds the slot but in lines that have it), one read later it
 * is in no open line, its last events are harvested and it returns to pf_free,
 * once no fault that has it stashed is under way. Counters are never cleared.
 */
#ifndef BPFMEM_PAGEFAULT_SLOTS_H
#define BPFMEM_PAGEFAULT_SLOTS_H

#include "core/source.h"
#include "pagefault/api.h"

#include <stdbool.h>

struct slots;

/* The kernel half. */
struct slots_kernel {
  const struct pf_slot *table; /* pf_slots, mapped */
  const uint64_t *stashed;     /* pf_stashed, mapped; or NULL */
  struct pf_line *lines;       /* pf_lines, mapped; or NULL */
  unsigned line_count;
  int table_fd; /* pf_slots */
  int files_fd; /* pf_files */
  int free_fd;  /* pf_free */
};

/* NULL when memory is short. */
struct slots *slots_new(unsigned slots_max, const struct slots_kernel *kernel);
void slots_free(struct slots *slots);

/* Offers every slot to the kernel; once, before programs run. 0 or -errno. */
int slots_fill(struct slots *slots);

/* A record of pf_names. Its size was checked by the caller; what it holds was
 * not: a record that makes no sense is ignored. */
void slots_name(struct slots *slots, const struct pf_name *name,
                const char *components, size_t size);

/* Each read begins with this, before the counts are read: it sees what faults
 * under way have stashed, and closes lines of retired slots. */
void slots_begin(struct slots *slots);

/* Takes each slot's row. `sums` has slots_max elements. */
void slots_harvest(struct slots *slots, const struct pf_sum *sums,
                   void (*take)(void *arg, const struct source_row *row),
                   void *arg);

/* Files that have a slot, and those of them that have no name yet. */
unsigned slots_used(const struct slots *slots);
unsigned slots_unnamed(const struct slots *slots);

#endif
