// SPDX-License-Identifier: MIT
/* The walk over the table of files, whatever the kernel half holds, and records
 * of names that make no sense: no access outside, rows with names only. */
#include "fuzz.h"
#include "pagefault/slots.h"

#include <errno.h>

enum { SLOTS = PF_SLOT_FILES + 24, TABLE_FD = 1, FILES_FD, FREE_FD };

/* As in <bpf/bpf.h>, which only probes include. */
int bpf_map_update_elem(int fd, const void *key, const void *value,
                        __u64 flags);
int bpf_map_delete_elem(int fd, const void *key);

static struct pf_slot table[SLOTS];
static uint64_t stashed[PF_PLACES]; /* of which these are used */
enum { STASHED = 3 };
static struct fuzz_input *answers;

static void update_table(uint32_t index, const struct pf_slot *slot) {
  HOLDS(!slot->key.dev && slot->owner == table[index].owner);
  table[index] = *slot;
}

static bool is_stashed(uint32_t index) {
  for (unsigned i = 0; i < STASHED; i++)
    if (stashed[i] && PF_STASHED_SLOT(stashed[i]) == index)
      return true;
  return false;
}

int bpf_map_update_elem(int fd, const void *key, const void *value,
                        __u64 flags) {
  uint32_t index;

  HOLDS(!flags && (fd == TABLE_FD || fd == FREE_FD));
  memcpy(&index, fd == TABLE_FD ? key : value, sizeof(index));
  HOLDS(index >= PF_SLOT_FILES && index < SLOTS);
  HOLDS(fd == TABLE_FD || !is_stashed(index));
  if (fuzz_byte(answers) & 1) {
    errno = E2BIG;
    return -E2BIG;
  }
  if (fd == TABLE_FD)
    update_table(index, value);
  return 0;
}

int bpf_map_delete_elem(int fd, const void *key) {
  HOLDS(fd == FILES_FD && key);
  if (!(fuzz_byte(answers) & 1))
    return 0;
  errno = fuzz_byte(answers) & 1 ? ENOENT : EBUSY;
  return -errno;
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

/* A record as on_name() passes it: its size is checked, its rest is not. */
static void name(struct fuzz_input *input, struct slots *slots) {
  size_t size = fuzz_byte(input);
  char *components = malloc(size + 1);
  struct pf_name name;

  HOLDS(components);
  fill(input, &name, sizeof(name));
  if (fuzz_byte(input) & 1) {
    name.slot = PF_SLOT_FILES + name.slot % 24;
    name.owner &= 3;
  }
  fill(input, components, size);
  slots_name(slots, &name, components, size);
  free(components);
}

/* A fault of some task that has this slot, no fault, or what makes no sense. */
static void stash(struct fuzz_input *input, unsigned slot) {
  uint64_t *word = &stashed[fuzz_byte(input) % STASHED];

  *word = UINT64_MAX << PF_STASHED_BITS | (uint64_t)slot
                                              << PF_STASHED_SLOT_SHIFT;
  if (!(fuzz_byte(input) & 1))
    fill(input, word, sizeof(*word));
}

static void harvest(struct slots *slots, struct pf_sum *sums) {
  slots_begin(slots);
  slots_harvest(slots, sums, take, sums);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct pf_sum sums[SLOTS];
  struct fuzz_input input = {data, size};
  const struct slots_kernel kernel = {.table = table,
                                      .stashed = stashed,
                                      .table_fd = TABLE_FD,
                                      .files_fd = FILES_FD,
                                      .free_fd = FREE_FD};
  struct slots *slots;

  answers = &input;
  memset(table, 0, sizeof(table));
  memset(stashed, 0, STASHED * sizeof(stashed[0]));
  memset(sums, 0, sizeof(sums));
  slots = slots_new(SLOTS, &kernel);
  HOLDS(slots);
  (void)!slots_fill(slots);
  while (input.size) {
    unsigned choice = fuzz_byte(&input), index = fuzz_byte(&input) % SLOTS;

    if (choice < 64)
      name(&input, slots);
    else if (choice < 128)
      fill(&input, &table[index], sizeof(table[index]));
    else if (choice < 160)
      fill(&input, &sums[index], sizeof(sums[index]));
    else if (choice < 192)
      stash(&input, index);
    else
      harvest(slots, sums);
    HOLDS(slots_used(slots) <= SLOTS && slots_unnamed(slots) <= SLOTS);
  }
  slots_free(slots);
  return 0;
}
