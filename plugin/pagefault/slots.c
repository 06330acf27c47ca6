// SPDX-License-Identifier: MIT
/* The user half of the table of files. */
#include "pagefault/slots.h"

#include "core/path.h"
#include "pagefault/lines.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A name comes through the ring in the read after its slot was taken. What is
 * still unnamed after that counts as "other" until its name comes. */
#define UNNAMED_READS_MAX 2

/* Whoever takes rows keeps what it makes of a name, and paths take much memory.
 * The second time is for a taker that was short of memory in the first; the
 * events of a file that was not taken then are those of "other". */
#define NAME_TOLD_MAX 2

/* Slots given back in a read: each takes three system calls, and a read is to
 * be short. */
#define RETIRED_MAX 512

/* An owner that has no name yet: the events until then are not its own. */
#define OWNER_UNNAMED 0x80000000U

struct slot {
  const char *name;     /* a path, until it was told often enough; a class */
  uint32_t named_owner; /* whose name it is */
  uint32_t freed_owner; /* whose slot went back to the kernel */
  uint32_t events;      /* at the last read, modulo 2^32 */
  uint32_t idle_reads;
  uint8_t unnamed_reads;
  uint8_t told_reads;
  bool is_path; /* and so in memory of its own */
  bool retired; /* left pf_files; goes to pf_free in the next read */
  bool stashed; /* as of this read, for a retired one */
};

struct slots {
  struct slots_kernel kernel;
  unsigned max;
  unsigned used, unnamed, retired; /* in the last read */
  unsigned waiting;                /* retired, and not released */
  struct slot slot[];
};

static const char *const fixed_names[PF_SLOT_FILES] = {
    [PF_SLOT_OTHER] = "other",     [PF_SLOT_UNATTRIBUTED] = "unattributed",
    [PF_SLOT_ANON] = "anon",       [PF_SLOT_HEAP] = "heap",
    [PF_SLOT_STACK] = "stack",     [PF_SLOT_SHMEM] = "shmem",
    [PF_SLOT_HUGETLB] = "hugetlb", [PF_SLOT_SPECIAL] = "special",
};

struct slots *slots_new(unsigned slots_max, const struct slots_kernel *kernel) {
  struct slots *slots =
      calloc(1, sizeof(*slots) + slots_max * sizeof(slots->slot[0]));

  if (!slots)
    return NULL;
  slots->kernel = *kernel;
  slots->max = slots_max;
  return slots;
}

static void name_slot(struct slot *slot, const char *name, bool is_path) {
  if (slot->is_path)
    free((char *)slot->name);
  slot->name = name;
  slot->is_path = is_path;
}

/* False when memory is short. */
static bool name_by_path(struct slot *slot, const char *path) {
  const char *class = path_class(path);
  const char *name = class ? class : strdup(path);

  if (name)
    name_slot(slot, name, !class);
  return name;
}

void slots_free(struct slots *slots) {
  if (!slots)
    return;
  for (unsigned i = 0; i < slots->max; i++)
    name_slot(&slots->slot[i], NULL, false);
  free(slots);
}

static int slot_release(const struct slots *slots, unsigned index) {
  uint32_t value = index;

  return bpf_map_update_elem(slots->kernel.free_fd, NULL, &value, BPF_ANY)
             ? -errno
             : 0;
}

int slots_fill(struct slots *slots) {
  int err = 0;

  for (unsigned i = PF_SLOT_FILES; i < slots->max && !err; i++)
    err = slot_release(slots, i);
  return err;
}

void slots_name(struct slots *slots, const struct pf_name *name,
                const char *components, size_t size) {
  char path[PF_NAME_COMPONENTS_MAX + 8];
  struct slot *slot;

  if (name->slot < PF_SLOT_FILES || name->slot >= slots->max)
    return;
  if (path_from_components(components, size, name->cut, path, sizeof(path)))
    return;
  path_strip_number(path);
  slot = &slots->slot[name->slot];
  if (!name_by_path(slot, path))
    return;
  slot->named_owner = name->owner;
  slot->unnamed_reads = slot->told_reads = 0;
}

static struct source_row row_of(unsigned index, const struct pf_sum *sum) {
  return (struct source_row){
      .slot = index,
      .events = {[ROW_MINOR] = sum->minor, [ROW_MAJOR] = sum->major}};
}

static void note_activity(struct slot *slot, const struct pf_sum *sum) {
  uint32_t events = (uint32_t)(sum->minor + sum->major);

  slot->idle_reads = events == slot->events ? slot->idle_reads + 1 : 0;
  slot->events = events;
}

static void tell_name(struct slot *slot, struct source_row *row) {
  if (slot->is_path && slot->told_reads++ == NAME_TOLD_MAX)
    name_slot(slot, fixed_names[PF_SLOT_OTHER], false);
  row->kind = slot->is_path ? ROW_ENTITY : ROW_CLASS;
  row->name = slot->name;
}

/* Fills in whose row it is; false when that is not known yet. */
static bool name_row(struct slot *slot, uint32_t owner,
                     struct source_row *row) {
  if (slot->named_owner == owner) {
    row->owner = owner;
    tell_name(slot, row);
    return true;
  }
  if (slot->unnamed_reads < UNNAMED_READS_MAX) {
    slot->unnamed_reads++;
    return false;
  }
  row->owner = owner | OWNER_UNNAMED;
  row->kind = ROW_CLASS;
  row->name = fixed_names[PF_SLOT_OTHER];
  return true;
}

/* Nothing finds the slot by this key any more. 0 or -errno. */
static int clear_key(const struct slots *slots, unsigned index) {
  struct pf_slot cleared = {.owner = slots->kernel.table[index].owner,
                            .named = 1};

  return bpf_map_update_elem(slots->kernel.table_fd, &index, &cleared, BPF_ANY)
             ? -errno
             : 0;
}

/* A slot that its file can still find stays in use, as does one whose key is
 * not there yet; the next read tries again. */
static void retire(struct slots *slots, unsigned index) {
  const struct pf_key *key = &slots->kernel.table[index].key;

  if (!key->dev)
    return;
  if (bpf_map_delete_elem(slots->kernel.files_fd, key) && errno != ENOENT)
    return;
  slots->slot[index].retired = clear_key(slots, index) == 0;
  slots->waiting += slots->slot[index].retired;
  slots->retired++;
}

static void release_retired(struct slots *slots, unsigned index,
                            uint32_t owner) {
  struct slot *slot = &slots->slot[index];

  if (slot->stashed || slot_release(slots, index))
    return; /* tried again in the next read */
  slots->waiting--;
  slot->retired = false;
  slot->freed_owner = owner;
  slot->idle_reads = 0;
  slot->unnamed_reads = 0;
}

/* Reads without an event after which a slot is given back: never while there is
 * plenty of room, soon when there is little. */
static uint32_t idle_limit(const struct slots *slots) {
  unsigned files = slots->max - PF_SLOT_FILES;

  if (slots->used > files - files / 8)
    return 1;
  if (slots->used > files - files / 4)
    return 6;
  return slots->used > files / 2 ? 60 : UINT32_MAX;
}

static void harvest_file(struct slots *slots, unsigned index,
                         const struct pf_sum *sum, uint32_t limit,
                         void (*take)(void *arg, const struct source_row *row),
                         void *arg) {
  struct slot *slot = &slots->slot[index];
  uint32_t owner =
      __atomic_load_n(&slots->kernel.table[index].owner, __ATOMIC_ACQUIRE);
  struct source_row row = row_of(index, sum);

  if (!owner || owner == slot->freed_owner)
    return;
  slots->used++;
  note_activity(slot, sum);
  if (slot->named_owner != owner)
    slots->unnamed++;
  if (!name_row(slot, owner, &row))
    return;
  take(arg, &row);
  if (slot->retired)
    release_retired(slots, index, owner);
  else if (slot->idle_reads >= limit && slots->retired < RETIRED_MAX)
    retire(slots, index);
}

static void harvest_fixed(unsigned index, const struct pf_sum *sum,
                          void (*take)(void *arg, const struct source_row *row),
                          void *arg) {
  struct source_row row = row_of(index, sum);

  row.owner = 1;
  row.kind = ROW_CLASS;
  row.name = fixed_names[index];
  take(arg, &row);
}

static void note_stashed(struct slots *slots) {
  for (unsigned i = 0; i < slots->max; i++)
    slots->slot[i].stashed = false;
  for (unsigned i = 0; i < PF_PLACES; i++) {
    uint64_t word =
        __atomic_load_n(&slots->kernel.stashed[i], __ATOMIC_ACQUIRE);

    if (word && PF_STASHED_SLOT(word) < slots->max)
      slots->slot[PF_STASHED_SLOT(word)].stashed = true;
  }
}

/* Most are closed: these had a fault while the slot was retired. */
static void close_lines(const struct slots *slots) {
  for (unsigned i = 0; i < slots->kernel.line_count; i++) {
    struct pf_line *line = &slots->kernel.lines[i];
    unsigned index =
        PF_LINE_SLOT(__atomic_load_n(&line->holder, __ATOMIC_ACQUIRE));

    if (index < slots->max && slots->slot[index].retired)
      pagefault_line_close(line);
  }
}

void slots_begin(struct slots *slots) {
  if (!slots->waiting)
    return;
  if (slots->kernel.stashed)
    note_stashed(slots);
  close_lines(slots);
}

void slots_harvest(struct slots *slots, const struct pf_sum *sums,
                   void (*take)(void *arg, const struct source_row *row),
                   void *arg) {
  uint32_t limit = idle_limit(slots);

  slots->used = slots->unnamed = slots->retired = 0;
  for (unsigned i = 0; i < PF_SLOT_FILES; i++)
    harvest_fixed(i, &sums[i], take, arg);
  for (unsigned i = PF_SLOT_FILES; i < slots->max; i++)
    harvest_file(slots, i, &sums[i], limit, take, arg);
}

unsigned slots_used(const struct slots *slots) {
  return slots->used;
}

unsigned slots_unnamed(const struct slots *slots) {
  return slots->unnamed;
}
