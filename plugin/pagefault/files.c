// SPDX-License-Identifier: MIT
/* The user half of the table of files. */
#include "pagefault/files.h"

#include "core/path.h"
#include "kernel/run.h"

#include <stdlib.h>
#include <string.h>

/* A name comes through the ring in the read after its slot was taken. If it has
 * not come by then, the file counts as "other" until it comes. */
#define UNNAMED_READS_MAX 2

/* How often a path is told. It takes much memory, and whoever takes rows keeps
 * a label of its own. The second time is for a taker that was short of memory
 * at the first. If it could not take the file then either, the file's events
 * are those of "other". */
#define NAME_TOLD_MAX 2

/* The most slots to give back in a read, which must be short: each takes two
 * system calls. */
#define RETIRED_MAX 512

/* When the weakest files are given up, so much time stalled counts as an event.
 */
#define STALLED_NS_PER_EVENT 1000000

/* An owner that has no name yet: the events until then are not its own. */
#define OWNER_UNNAMED 0x80000000U

struct slot {
  const char *name;     /* a path until it was told often enough; a class */
  uint32_t seen_owner;  /* in the last read */
  uint32_t named_owner; /* whose name it is */
  uint32_t freed_owner; /* owner of the slot when it went back to the kernel */
  uint32_t names;       /* that came for the slot, of all owners */
  uint32_t events;      /* at the last read, modulo 2^32 */
  uint32_t growth;      /* growth of `events` in the last read */
  uint32_t idle_reads;
  uint8_t unnamed_reads;
  uint8_t told_reads;
  uint8_t naming; /* enum pf_naming of the name */
  bool is_path;   /* the name is a path, so it has memory of its own */
  bool retired;   /* left pf_files; goes to pf_free in the next read */
};

struct files {
  struct files_kernel kernel;
  unsigned max;
  unsigned used, unnamed, retired; /* in the last read */
  uint64_t refused;  /* faults of files without a slot, as of the last read */
  uint32_t pressure; /* files of fewer events in a read are given up */
  struct slot slot[];
};

static const char *const fixed_names[PF_SLOT_FILES] = {
    [PF_SLOT_OTHER] = "other",     [PF_SLOT_UNATTRIBUTED] = "unattributed",
    [PF_SLOT_ANON] = "anon",       [PF_SLOT_HEAP] = "heap",
    [PF_SLOT_STACK] = "stack",     [PF_SLOT_SHMEM] = "shmem",
    [PF_SLOT_HUGETLB] = "hugetlb", [PF_SLOT_SPECIAL] = "special",
};

struct files *files_new(unsigned slots_max, const struct files_kernel *kernel) {
  struct files *files =
      calloc(1, sizeof(*files) + slots_max * sizeof(files->slot[0]));

  if (!files)
    return NULL;
  files->kernel = *kernel;
  files->max = slots_max;
  return files;
}

static void file_set_name(struct slot *slot, const char *name, bool is_path) {
  if (slot->is_path)
    free((char *)slot->name);
  slot->name = name;
  slot->is_path = is_path;
}

/* False when memory is short. */
static bool file_set_path(struct slot *slot, const char *path) {
  const char *class = path_class(path);
  const char *name = class ? class : strdup(path);

  if (name)
    file_set_name(slot, name, !class);
  return name;
}

void files_free(struct files *files) {
  if (!files)
    return;
  for (unsigned i = 0; i < files->max; i++)
    file_set_name(&files->slot[i], NULL, false);
  free(files);
}

void files_name(struct files *files, const struct pf_name *name,
                const char *components, size_t size) {
  char path[PF_NAME_COMPONENTS_MAX + 8];
  struct slot *slot;

  if (name->slot < PF_SLOT_FILES || name->slot >= files->max)
    return;
  if (name->owner != files->kernel.table[name->slot].owner)
    return; /* of a former owner, which has no events left */
  slot = &files->slot[name->slot];
  if (slot->named_owner == name->owner && slot->naming >= name->naming)
    return; /* two programs sent names at once */
  if (path_from_components(components, size, name->cut, path, sizeof(path)))
    return;
  path_strip_number(path);
  if (!file_set_path(slot, path))
    return;
  slot->named_owner = name->owner;
  slot->naming = (uint8_t)name->naming;
  slot->names++;
  slot->unnamed_reads = slot->told_reads = 0;
}

static struct source_row file_row(unsigned index, const struct pf_sum *sum,
                                  uint64_t stalled_ns) {
  return (struct source_row){
      .slot = index,
      .events = {[ROW_MINOR] = sum->minor, [ROW_MAJOR] = sum->major},
      .stalled_ns = stalled_ns};
}

/* A read that sees an owner for the first time gives nothing up: its first
 * event may not be counted yet. */
static void file_note_events(struct slot *slot, const struct source_row *row,
                             uint32_t owner) {
  uint32_t events = (uint32_t)(row->events[ROW_MINOR] + row->events[ROW_MAJOR] +
                               row->stalled_ns / STALLED_NS_PER_EVENT);

  slot->growth = owner == slot->seen_owner ? events - slot->events : UINT32_MAX;
  slot->idle_reads = slot->growth ? 0 : slot->idle_reads + 1;
  slot->events = events;
  slot->seen_owner = owner;
}

static void file_tell_name(struct slot *slot, struct source_row *row) {
  if (slot->is_path && slot->told_reads++ == NAME_TOLD_MAX)
    file_set_name(slot, fixed_names[PF_SLOT_OTHER], false);
  row->kind = slot->is_path ? ROW_ENTITY : ROW_CLASS;
  row->name = slot->name;
}

/* Fills in whose row it is; false if that is not known yet. When a name
 * replaces a provisional one, whoever takes rows sees another owner. */
static bool file_name_row(struct slot *slot, uint32_t owner,
                          struct source_row *row) {
  if (slot->named_owner == owner) {
    row->owner = slot->names;
    file_tell_name(slot, row);
    return true;
  }
  if (slot->unnamed_reads < UNNAMED_READS_MAX) {
    slot->unnamed_reads++;
    return false;
  }
  row->owner = slot->names | OWNER_UNNAMED;
  row->kind = ROW_CLASS;
  row->name = fixed_names[PF_SLOT_OTHER];
  return true;
}

/* Takes the slot from its file. If the file can still find the slot, it stays
 * in use, and the next read tries again. */
static void file_retire(struct files *files, unsigned index) {
  files->slot[index].retired =
      run_slots(files->kernel.change_fd, index, index + 1, PF_RETIRE) == 0;
  files->retired++;
}

static void file_release_retired(struct files *files, unsigned index,
                                 uint32_t owner) {
  struct slot *slot = &files->slot[index];

  if (run_slots(files->kernel.change_fd, index, index + 1, PF_OFFER))
    return; /* the next read tries again */
  slot->retired = false;
  slot->freed_owner = owner;
  slot->idle_reads = 0;
  slot->unnamed_reads = 0;
}

static unsigned files_room(const struct files *files) {
  return files->max - PF_SLOT_FILES;
}

static bool files_are_nearly_full(const struct files *files) {
  return files->used > files_room(files) - files_room(files) / 8;
}

/* After so many reads without an event a slot is given back. It never is while
 * there is plenty of room, and soon is when there is little. */
static uint32_t files_idle_limit(const struct files *files) {
  unsigned room = files_room(files);

  if (files_are_nearly_full(files))
    return 1;
  if (files->used > room - room / 4)
    return 6;
  return files->used > room / 2 ? 60 : UINT32_MAX;
}

/* If every file has a fault in each read, the files with fewest are given up.
 * The limit rises while the table stays full and other files are refused.
 * Without this, a program that touches that many files in each read would keep
 * all others out. */
static uint32_t files_next_pressure(struct files *files,
                                    const struct pf_sum *other) {
  uint64_t before = files->refused;

  files->refused = other->minor + other->major;
  if (!files_are_nearly_full(files) || files->refused == before)
    return 0;
  return files->pressure < UINT32_MAX / 4 ? 2 * files->pressure + 1
                                          : files->pressure;
}

/* A slot without a key stays: a program has taken it, and was preempted before
 * it wrote the key. If the slot went to another file now, both would count in
 * it. */
static bool file_is_given_up(const struct files *files, unsigned index,
                             uint32_t limit) {
  uint64_t super = files->kernel.table[index].key.super;
  const struct slot *slot = &files->slot[index];
  unsigned most = files_room(files) / 8 + 1;

  if (super == PF_SUPER_NONE || slot->growth == UINT32_MAX)
    return false;
  if (super == PF_SUPER_GONE)
    return true;
  if (files->retired >= (most < RETIRED_MAX ? most : RETIRED_MAX))
    return false;
  return slot->idle_reads >= limit ||
         (files->pressure > 1 && slot->growth < files->pressure);
}

static void file_harvest(struct files *files, struct source_row *row,
                         uint32_t limit, source_take_row *take, void *arg) {
  unsigned index = row->slot;
  struct slot *slot = &files->slot[index];
  uint32_t owner =
      __atomic_load_n(&files->kernel.table[index].owner, __ATOMIC_ACQUIRE);

  if (!owner || owner == slot->freed_owner)
    return;
  files->used++;
  file_note_events(slot, row, owner);
  if (slot->named_owner != owner)
    files->unnamed++;
  if (!file_name_row(slot, owner, row))
    return;
  take(arg, row);
  if (slot->retired)
    file_release_retired(files, index, owner);
  else if (file_is_given_up(files, index, limit))
    file_retire(files, index);
}

static void fixed_harvest(struct source_row *row, source_take_row *take,
                          void *arg) {
  row->owner = 1;
  row->kind = ROW_CLASS;
  row->name = fixed_names[row->slot];
  take(arg, row);
}

void files_harvest(struct files *files, const struct pf_sum *sums,
                   const uint64_t *stalled, source_take_row *take, void *arg) {
  uint32_t limit = files_idle_limit(files);

  files->pressure = files_next_pressure(files, &sums[PF_SLOT_OTHER]);
  files->used = files->unnamed = files->retired = 0;
  for (unsigned i = 0; i < files->max; i++) {
    struct source_row row = file_row(i, &sums[i], stalled[i]);

    if (i < PF_SLOT_FILES)
      fixed_harvest(&row, take, arg);
    else
      file_harvest(files, &row, limit, take, arg);
  }
}

unsigned files_used(const struct files *files) {
  return files->used;
}

unsigned files_unnamed(const struct files *files) {
  return files->unnamed;
}
