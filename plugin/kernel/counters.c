// SPDX-License-Identifier: MIT
/* Sums tables of counters over CPUs. */
#include "kernel/counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The size in whole pages. The kernel lays elements out in steps of 8 bytes. */
static size_t table_size(const struct bpf_map *map) {
  size_t element = (bpf_map__value_size(map) + 7U) & ~(size_t)7;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);

  return (element * bpf_map__max_entries(map) + page - 1) / page * page;
}

/* libbpf maps global data for writing (1.5: when it loads an object; 1.1: only
 * for a skeleton), and a map with such a mapping cannot be frozen. libbpf
 * unmaps the data when it closes the object. So here a mapping of the same size
 * takes the place, and stays. */
void counters_unmap_data(const struct bpf_object *object) {
  struct bpf_map *map;

  bpf_object__for_each_map(map, object) {
    size_t size;
    const void *data = bpf_map__initial_value(map, &size);

    if (data && !(bpf_map__map_flags(map) & BPF_F_RDONLY_PROG) &&
        mmap((void *)data, table_size(map), PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, /* fd = */ -1,
             0) == MAP_FAILED)
      return; /* freezing will fail, and say so */
  }
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
        bpf_map__fd(map)); /* if this fails, tables are read all the same */
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
