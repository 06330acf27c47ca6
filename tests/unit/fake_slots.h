/* SPDX-License-Identifier: MIT */
/* The kernel half of the table of files as a fake: this defines the two calls
 * of libbpf. For one file of tests only. */
#ifndef BPFMEM_FAKE_SLOTS_H
#define BPFMEM_FAKE_SLOTS_H

#include "pagefault/slots.h"

#include "check_main.h"

#include <errno.h>
#include <string.h>

/* 64 files, so that an eighth is 8. */
enum { FILES = 64, SLOTS = PF_SLOT_FILES + FILES };
/* More than are retired in one read. */
enum { MANY = 1283, SLOTS_OF_MANY = PF_SLOT_FILES + MANY };
enum { LINES = 3 };
enum { FILES_FD = 211, FREE_FD, TABLE_FD };

/* As in <bpf/bpf.h>, which only probes include. */
int bpf_map_update_elem(int fd, const void *key, const void *value,
                        __u64 flags);
int bpf_map_delete_elem(int fd, const void *key);

/* The kernel half: what became of its tables. */
static struct pf_slot table[SLOTS_OF_MANY];
static struct pf_sum counts[SLOTS_OF_MANY];
static uint64_t stashed[PF_PLACES];
static struct pf_line lines[LINES];
static unsigned freed[2 * MANY];
static __u64 deleted[2 * MANY];
static unsigned freed_count, deleted_count, free_fails_at;
static bool table_fails;

static inline int update_table(const unsigned *index,
                               const struct pf_slot *slot) {
  ck_assert_uint_lt(*index, SLOTS_OF_MANY);
  ck_assert_uint_eq(slot->owner, table[*index].owner);
  if (table_fails) {
    errno = EPERM;
    return -EPERM;
  }
  table[*index] = *slot;
  return 0;
}

int bpf_map_update_elem(int fd, const void *key, const void *value,
                        __u64 flags) {
  if (fd == TABLE_FD)
    return update_table(key, value);
  ck_assert_int_eq(fd, FREE_FD);
  ck_assert_ptr_null(key);
  ck_assert_uint_eq(flags, 0);
  ck_assert_uint_lt(freed_count, ARRAY_SIZE(freed));
  if (freed_count == free_fails_at) {
    errno = E2BIG;
    return -E2BIG;
  }
  memcpy(&freed[freed_count++], value, sizeof(freed[0]));
  return 0;
}

int bpf_map_delete_elem(int fd, const void *key) {
  const struct pf_key *file = key;

  ck_assert_int_eq(fd, FILES_FD);
  ck_assert_uint_lt(deleted_count, ARRAY_SIZE(deleted));
  deleted[deleted_count++] = file->ino;
  return 0;
}

static struct slots *slots;
static struct source_row rows[SLOTS_OF_MANY];
static bool has_row[SLOTS_OF_MANY];

static inline void open_slots(unsigned slots_max) {
  slots = slots_new(slots_max, &(struct slots_kernel){.table = table,
                                                      .stashed = stashed,
                                                      .lines = lines,
                                                      .line_count = LINES,
                                                      .table_fd = TABLE_FD,
                                                      .files_fd = FILES_FD,
                                                      .free_fd = FREE_FD});
  ck_assert_ptr_nonnull(slots);
}

static inline void setup(void) {
  open_slots(SLOTS);
  free_fails_at = ARRAY_SIZE(freed);
  table_fails = false;
  freed_count = deleted_count = 0;
  memset(table, 0, sizeof(table));
  memset(counts, 0, sizeof(counts));
  memset(stashed, 0, sizeof(stashed));
  memset(lines, 0, sizeof(lines));
}

static inline void teardown(void) {
  slots_free(NULL);
  slots_free(slots);
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
  slots_begin(slots);
  slots_harvest(slots, counts, take, rows);
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
  table[slot].key = (struct pf_key){.ino = ino, .dev = 8};
  table[slot].owner++;
}

/* A name record for the slot's owner; "leaf\0...\0top\0" as the kernel emits.
 */
#define NAME(slot, components)                                                 \
  name_components(slot, table[slot].owner, components, sizeof(components))

static inline void name_components(unsigned slot, __u32 owner,
                                   const char *components, size_t size) {
  const struct pf_name name = {
      .slot = slot, .owner = owner, .size = (__u32)size};

  slots_name(slots, &name, components, size);
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

/* A file's row, by its owner, as the name was told before. */
static inline void check_owned(unsigned slot) {
  check_counts(slot);
  ck_assert_uint_eq(rows[slot].owner, table[slot].owner);
}

#endif
