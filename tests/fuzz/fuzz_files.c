// SPDX-License-Identifier: MIT
/* The walk over the table of files, whatever the kernel half holds, and records
 * of names that make no sense: no access outside, rows with names only. Nobody
 * loses his slot in the read that first sees him, and nobody gets one before a
 * read has passed in which no file could find it. */
#include "fuzz.h"
#include "kernel/run.h"
#include "pagefault/files.h"

#include <errno.h>

enum { SLOTS = PF_SLOT_FILES + 24, CHANGE_FD = 1 };

static struct pf_slot table[SLOTS];
static struct fuzz_input *answers;
static unsigned reads;             /* 0: the table is being filled */
static unsigned cleared_in[SLOTS]; /* the read from which on; 0: none */
static uint32_t owner_before[SLOTS];

static void retire(uint32_t slot) {
  HOLDS(table[slot].owner == owner_before[slot]);
  table[slot].key = (struct pf_key){0};
  cleared_in[slot] = reads;
}

static void offer(uint32_t slot) {
  HOLDS(!reads || (cleared_in[slot] && cleared_in[slot] < reads));
  cleared_in[slot] = 0;
}

/* The file may stay in the hash, the queue may have no room. */
int run_slots(int fd, uint32_t first, uint32_t end, uint32_t change) {
  HOLDS(fd == CHANGE_FD && end == first + 1);
  HOLDS(first >= PF_SLOT_FILES && first < SLOTS);
  HOLDS(change == PF_RETIRE || change == PF_OFFER);
  if (fuzz_byte(answers) & 1)
    return -ENOSPC;
  if (change == PF_RETIRE)
    retire(first);
  else
    offer(first);
  return 0;
}

static void take(void *arg, const struct source_row *row) {
  const struct pf_sum *sums = arg;

  HOLDS(row->slot < SLOTS && row->owner && row->name && row->name[0]);
  HOLDS(row->kind == ROW_CLASS || row->kind == ROW_ENTITY);
  HOLDS(row->events[ROW_MINOR] == sums[row->slot].minor);
  HOLDS(row->events[ROW_MAJOR] == sums[row->slot].major);
}

static void fill(struct fuzz_input *input, void *out, size_t size) {
  for (uint8_t *byte = out; size--; byte++)
    *byte = fuzz_byte(input);
}

/* To anything, but that owners are counted. */
static void change_slot(struct fuzz_input *input, struct pf_slot *slot) {
  uint32_t owner = slot->owner;

  fill(input, slot, sizeof(*slot));
  if (slot->owner < owner)
    slot->owner = owner;
}

/* A record as on_name() passes it: its size is checked, its rest is not. */
static void name(struct fuzz_input *input, struct files *files) {
  size_t size = fuzz_byte(input);
  char *components = malloc(size + 1);
  struct pf_name name;

  HOLDS(components);
  fill(input, &name, sizeof(name));
  if (fuzz_byte(input) & 1) {
    name.slot = PF_SLOT_FILES + name.slot % 24;
    name.owner = table[name.slot].owner;
  }
  fill(input, components, size);
  files_name(files, &name, components, size);
  free(components);
}

/* A full table, each file with so many faults. */
static void own_all(struct files *files, struct pf_sum *sums, uint8_t faults) {
  for (uint32_t i = PF_SLOT_FILES; i < SLOTS; i++) {
    const struct pf_name name = {
        .slot = i, .owner = table[i].owner | 1, .naming = PF_NAMED};

    table[i] = (struct pf_slot){{.ino = i, .super = 8}, .owner = name.owner};
    sums[i].minor += faults;
    files_name(files, &name, "file", sizeof("file"));
  }
}

static void harvest(struct files *files, struct pf_sum *sums) {
  static const uint64_t stalled[SLOTS];

  reads++;
  files_harvest(files, sums, stalled, take, sums);
  for (unsigned i = 0; i < SLOTS; i++)
    owner_before[i] = table[i].owner;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct pf_sum sums[SLOTS];
  struct fuzz_input input = {data, size};
  const struct files_kernel kernel = {.table = table, .change_fd = CHANGE_FD};
  struct files *files;

  answers = &input;
  memset(table, 0, sizeof(table));
  memset(sums, 0, sizeof(sums));
  memset(cleared_in, 0, sizeof(cleared_in));
  memset(owner_before, 0, sizeof(owner_before));
  reads = 0;
  files = files_new(SLOTS, &kernel);
  HOLDS(files);
  while (input.size) {
    unsigned choice = fuzz_byte(&input), index = fuzz_byte(&input) % SLOTS;

    if (choice < 48)
      name(&input, files);
    else if (choice < 96)
      change_slot(&input, &table[index]);
    else if (choice < 128)
      fill(&input, &sums[index], sizeof(sums[index]));
    else if (choice < 144)
      own_all(files, sums, fuzz_byte(&input));
    else
      harvest(files, sums);
    HOLDS(files_used(files) <= SLOTS && files_unnamed(files) <= SLOTS);
  }
  files_free(files);
  return 0;
}
