// SPDX-License-Identifier: MIT
/* Sums tables of counters over CPUs. */
#include "walk.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The kernel lays elements out in steps of 8 bytes and maps whole pages. */
static size_t table_size(const struct bpf_map *map) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t element = (bpf_map__value_size(map) + 7U) & ~(size_t)7;
  size_t size = element * bpf_map__max_entries(map);

  return (size + page - 1) / page * page;
}

int walk_open(const struct bpf_map *map, struct walk_table *ret_table) {
  struct walk_table table = {.size = table_size(map)};

  table.data =
      mmap(NULL, table.size, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
  if (table.data == MAP_FAILED)
    return -errno;
  *ret_table = table;
  return 0;
}

void walk_close(struct walk_table *table) {
  if (table->data)
    munmap((void *)table->data, table->size);
  table->data = NULL;
}

void walk_sum(const struct walk_table *table, unsigned cpus, unsigned elements,
              uint64_t *sums) {
  const uint64_t *counter = table->data;

  memset(sums, 0, elements * sizeof(*sums));
  for (unsigned cpu = 0; cpu < cpus; cpu++)
    for (unsigned i = 0; i < elements; i++)
      sums[i] += __atomic_load_n(counter++, __ATOMIC_RELAXED);
}
