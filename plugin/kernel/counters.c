// SPDX-License-Identifier: MIT
/* Sums tables of counters over CPUs. */
#include "kernel/counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Whole pages; the kernel lays elements out in steps of 8 bytes. */
static size_t table_size(const struct bpf_map *map) {
  size_t element = (bpf_map__value_size(map) + 7U) & ~(size_t)7;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);

  return (element * bpf_map__max_entries(map) + page - 1) / page * page;
}

int counters_open(const struct bpf_map *map, enum counters_mode mode,
                  struct counters_table *ret_table) {
  int protection = mode == COUNTERS_WRITE ? PROT_READ | PROT_WRITE : PROT_READ;
  size_t size = table_size(map);
  void *data = mmap(/* addr = */ NULL, size, protection, MAP_SHARED,
                    bpf_map__fd(map), /* offset = */ 0);

  if (data == MAP_FAILED)
    return -errno;
  if (mode == COUNTERS_FROZEN)
    bpf_map_freeze(
        bpf_map__fd(map)); /* one that is not frozen counts as well */
  *ret_table = (struct counters_table){.data = data, .size = size};
  return 0;
}

void counters_close(struct counters_table *table) {
  if (table->data)
    munmap((void *)table->data, table->size);
  table->data = NULL;
}

void counters_sum_32(const struct counters_table *table, unsigned cpus,
                     unsigned elements, uint32_t *sums) {
  const uint32_t *counter = table->data;

  memset(sums, 0, elements * sizeof(*sums));
  for (unsigned cpu = 0; cpu < cpus; cpu++)
    for (unsigned i = 0; i < elements; i++)
      sums[i] += __atomic_load_n(counter++, __ATOMIC_RELAXED);
}

void counters_sum(const struct counters_table *table, unsigned cpus,
                  unsigned elements, uint64_t *sums) {
  const uint64_t *counter = table->data;

  memset(sums, 0, elements * sizeof(*sums));
  for (unsigned cpu = 0; cpu < cpus; cpu++)
    for (unsigned i = 0; i < elements; i++)
      sums[i] += __atomic_load_n(counter++, __ATOMIC_RELAXED);
}
