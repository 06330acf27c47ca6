/* SPDX-License-Identifier: MIT */
/* The kernel half of the table of files as a fake: this defines the call of
 * kernel/run.h. For one file of tests only. */
#ifndef BPFMEM_FAKE_FILES_H
#define BPFMEM_FAKE_FILES_H

#include "kernel/run.h"
#include "pagefault/files.h"

#include "check_main.h"

#include <errno.h>
#include <string.h>

/* 64 files, so that an eighth is 8; of those, one more is given up in a read.
 */
enum { FILES = 64, SLOTS = PF_SLOT_FILES + FILES, GIVEN_UP = 9 };
/* So many that an eighth is more than is given up in a read at most. */
enum { MANY = 5003, SLOTS_OF_MANY = PF_SLOT_FILES + MANY, GIVEN_UP_MAX = 512 };
enum { CHANGE_FD = 211 };

/* The kernel half: what became of its tables. */
static struct pf_slot table[SLOTS_OF_MANY];
static struct pf_sum counts[SLOTS_OF_MANY];
static uint64_t stalled[SLOTS_OF_MANY];
static unsigned freed[2 * MANY];
static __u64 deleted[2 * MANY];
static unsigned freed_count, deleted_count, free_fails_at;
static int run_error;
static bool stays_in_hash;

static inline int retire(struct pf_slot *slot) {
  ck_assert_uint_lt(deleted_count, ARRAY_SIZE(deleted));
  if (stays_in_hash)
    return -ENOSPC;
  deleted[deleted_count++] = slot->key.ino;
  slot->key = (struct pf_key){0};
  return 0;
}

/* Whoever takes the slot next must not be found by its former file. */
static inline int offer(unsigned slot) {
  ck_assert_uint_eq(table[slot].key.super, 0);
  ck_assert_uint_lt(freed_count, ARRAY_SIZE(freed));
  if (freed_count == free_fails_at)
    return -ENOSPC;
  freed[freed_count++] = slot;
  return 0;
}

int run_slots(int fd, uint32_t first, uint32_t end, uint32_t change) {
  ck_assert_int_eq(fd, CHANGE_FD);
  ck_assert_uint_lt(first, SLOTS_OF_MANY);
  ck_assert_uint_eq(end, first + 1);
  ck_assert(change == PF_RETIRE || change == PF_OFFER);
  if (run_error)
    return run_error;
  return change == PF_RETIRE ? retire(&table[first]) : offer(first);
}

static struct files *files;
static struct source_row rows[SLOTS_OF_MANY];
static bool has_row[SLOTS_OF_MANY];

static inline void open_files(unsigned slots_max) {
  files = files_new(slots_max, &(struct files_kernel){.table = table,
                                                      .change_fd = CHANGE_FD});
  ck_assert_ptr_nonnull(files);
}

static inline void setup(void) {
  open_files(SLOTS);
  free_fails_at = ARRAY_SIZE(freed);
  stays_in_hash = false;
  run_error = 0;
  freed_count = deleted_count = 0;
  memset(table, 0, sizeof(table));
  memset(counts, 0, sizeof(counts));
}

static inline void teardown(void) {
  files_free(NULL);
  files_free(files);
}

static inline void take(void *arg, const struct source_row *row) {
  ck_assert_ptr_eq(arg, rows);
  ck_assert_uint_lt(row->slot, SLOTS_OF_MANY);
  ck_assert(!has_row[row->slot]);
  ck_assert_uint_ne(row->owner, 0);
  rows[row->slot] = *row;
  has_row[row->slot] = true;
}

static inline void harvest(void) {
  memset(has_row, 0, sizeof(has_row));
  files_harvest(files, counts, stalled, take, rows);
}

static inline void harvest_times(unsigned times) {
  while (times--)
    harvest();
}

/* The nth file slot, as programs use it. */
static inline unsigned at(unsigned n) {
  return PF_SLOT_FILES + n;
}

static inline void own(unsigned slot, __u64 ino) {
  table[slot].key = (struct pf_key){.ino = ino, .super = 8};
  table[slot].owner++;
}

/* A name record for the slot's owner; "leaf\0...\0top\0" as the kernel emits.
 */
#define NAME_AS(naming, slot, components)                                      \
  name_as(naming, slot, table[slot].owner, components, sizeof(components))
#define NAME(slot, components) NAME_AS(PF_NAMED, slot, components)

static inline void name_as(enum pf_naming naming, unsigned slot, __u32 owner,
                           const char *components, size_t size) {
  const struct pf_name name = {.slot = slot,
                               .owner = owner,
                               .size = (__u32)size,
                               .naming = (__u16)naming};

  files_name(files, &name, components, size);
}

static inline void name_components(unsigned slot, __u32 owner,
                                   const char *components, size_t size) {
  name_as(PF_NAMED, slot, owner, components, size);
}

/* So many files, each with one fault and a name. */
static inline void own_files(unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    own(at(i), 1000 + i);
    counts[at(i)].minor++;
    NAME(at(i), "file");
  }
}

static inline void check_counts(unsigned slot) {
  ck_assert_msg(has_row[slot], "no row of slot %u", slot);
  ck_assert_uint_eq(rows[slot].events[ROW_MINOR], counts[slot].minor);
  ck_assert_uint_eq(rows[slot].events[ROW_MAJOR], counts[slot].major);
}

static inline void check_row(unsigned slot, enum row_kind kind,
                             const char *name) {
  check_counts(slot);
  ck_assert_int_eq(rows[slot].kind, kind);
  ck_assert_str_eq(rows[slot].name, name);
}

/* Still a row of whoever was named there first, as of own_files(). */
static inline void check_first_owner(unsigned slot) {
  check_counts(slot);
  ck_assert_uint_eq(rows[slot].owner, 1);
}

#endif
