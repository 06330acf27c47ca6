// SPDX-License-Identifier: MIT
/* counts: what the counters of all CPUs make of each slot. Mapping and the
 * kernel's part are tested with the real kernel (tests/daemon/t_reuse.sh). */
#include "pagefault/counts.h"
#include "pagefault/object.h"

#include "check_main.h"

#include <string.h>

enum { CPUS = 3, SLOTS = PF_SLOT_FILES + 11, FILE_SLOT = PF_SLOT_FILES + 7 };

static struct pf_count files[CPUS][SLOTS];
static struct pf_cpu cpus[CPUS];
static uint64_t stalled[SLOTS];
static const struct pagefault_object object = {
    .stalled = {stalled, sizeof(stalled)},
    .counts = {files, sizeof(files)},
    .cpus = {cpus, sizeof(cpus)}};
static struct pagefault_counts counts;

static void setup(void) {
  memset(files, 0, sizeof(files));
  memset(cpus, 0, sizeof(cpus));
  ck_assert_int_eq(pagefault_counts_open(&counts, CPUS, SLOTS), 0);
}

static void teardown(void) {
  pagefault_counts_close(&counts);
  ck_assert_ptr_null(counts.slots);
  pagefault_counts_close(&counts);
}

static void check_slot(unsigned slot, uint64_t minor, uint64_t major) {
  ck_assert_uint_eq(counts.slots[slot].minor, minor);
  ck_assert_uint_eq(counts.slots[slot].major, major);
}

/* A slot of a file is summed from its own place of each CPU, and no other. */
START_TEST(counts_of_all_cpus_are_their_slots) {
  for (unsigned cpu = 0; cpu < CPUS; cpu++) {
    for (unsigned i = PF_SLOT_FILES; i < SLOTS; i++)
      files[cpu][i] = (struct pf_count){.minor = 100 * i + cpu, .major = i};
    for (unsigned i = 0; i < PF_SLOT_FILES; i++)
      cpus[cpu].fixed[i] = (struct pf_sum){.minor = 7 * i + cpu, .major = 3};
  }
  pagefault_counts_read(&counts, &object);
  for (unsigned i = 0; i < SLOTS; i++)
    if (i < PF_SLOT_FILES)
      check_slot(i, 3 * 7 * i + 3, 9);
    else
      check_slot(i, 300 * i + 3, 3 * i);
}
END_TEST

START_TEST(counts_stalled_is_as_the_kernel_has_it) {
  stalled[FILE_SLOT] = 1ULL << 40;
  pagefault_counts_read(&counts, &object);
  ck_assert_uint_eq(counts.stalled[FILE_SLOT], 1ULL << 40);
  ck_assert_uint_eq(counts.stalled[FILE_SLOT - 1], 0);
}
END_TEST

/* Growth of more than 2^31 in one read was negative once. */
START_TEST(counts_stay_exact_however_much_comes_in_a_read) {
  static const uint32_t growths[] = {13, 0x80000007, UINT32_MAX, 0, UINT32_MAX};
  uint64_t minor = 0, major = 0;

  for (size_t i = 0; i < ARRAY_SIZE(growths); i++) {
    files[i % CPUS][FILE_SLOT].minor += growths[i];
    files[1][FILE_SLOT].major += growths[i] / 2;
    files[2][FILE_SLOT].major += growths[i] - growths[i] / 2;
    minor += growths[i];
    major += growths[i];
    pagefault_counts_read(&counts, &object);
    check_slot(FILE_SLOT, minor, major);
    ck_assert_uint_eq(counts.counted.minor, minor);
    ck_assert_uint_eq(counts.counted.major, major);
  }
}
END_TEST

/* A place of PF_SLOT_OTHER and the like in the table of files is not read. */
START_TEST(counts_of_fixed_slots_have_64_bits) {
  files[1][PF_SLOT_SHMEM].minor = 1000003;
  cpus[0].fixed[PF_SLOT_SHMEM].minor = 1ULL << 40;
  cpus[2].fixed[PF_SLOT_SHMEM] = (struct pf_sum){.minor = 2, .major = 3};
  pagefault_counts_read(&counts, &object);
  check_slot(PF_SLOT_SHMEM, (1ULL << 40) + 2, 3);
  ck_assert_uint_eq(counts.counted.minor, (1ULL << 40) + 2);
}
END_TEST

START_TEST(counts_tell_what_is_no_fault_of_a_slot) {
  cpus[0].failed = 31;
  cpus[1].failed = 6;
  cpus[1].retried = 41;
  cpus[0].silent = (struct pf_sum){.minor = 1ULL << 33, .major = 5};
  cpus[2].silent = (struct pf_sum){.minor = 2, .major = 7};
  pagefault_counts_read(&counts, &object);
  ck_assert_uint_eq(counts.cpu.failed, 37);
  ck_assert_uint_eq(counts.cpu.retried, 41);
  ck_assert_uint_eq(counts.cpu.silent.minor, (1ULL << 33) + 2);
  ck_assert_uint_eq(counts.cpu.silent.major, 12);
  ck_assert_uint_eq(counts.counted.minor + counts.counted.major, 0);
}
END_TEST

/* The rest is told anew after each read, and was counted by nobody. */
START_TEST(counts_add_rest_to_the_unattributed) {
  const struct pf_sum rest = {.minor = 1ULL << 35, .major = 11};

  cpus[1].fixed[PF_SLOT_UNATTRIBUTED] = (struct pf_sum){.minor = 7, .major = 5};
  files[2][FILE_SLOT].minor = 17;
  for (int reads = 0; reads < 3; reads++) {
    pagefault_counts_read(&counts, &object);
    pagefault_counts_add_rest(&counts, &rest);
    check_slot(PF_SLOT_UNATTRIBUTED, (1ULL << 35) + 7, 16);
    check_slot(FILE_SLOT, 17, 0);
    ck_assert_uint_eq(counts.counted.minor, 24);
    ck_assert_uint_eq(counts.counted.major, 5);
  }
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      counts_of_all_cpus_are_their_slots,
      counts_stalled_is_as_the_kernel_has_it,
      counts_stay_exact_however_much_comes_in_a_read,
      counts_of_fixed_slots_have_64_bits,
      counts_tell_what_is_no_fault_of_a_slot,
      counts_add_rest_to_the_unattributed,
  };

  return suite_with("counts", setup, teardown, tests, ARRAY_SIZE(tests));
}
