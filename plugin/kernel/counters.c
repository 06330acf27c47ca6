// SPDX-License-Identifier: MIT
/* Sums tables of counters over CPUs. */
#include "kernel/counters.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t in_page(size_t offset) {
  return offset % (size_t)sysconf(_SC_PAGESIZE);
}

static size_t whole_pages(size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);

  return (size + page - 1) / page * page;
}

/* The kernel lays elements out in steps of 8 bytes. */
static size_t table_size(const struct bpf_map *map) {
  size_t element = (bpf_map__value_size(map) + 7U) & ~(size_t)7;

  return whole_pages(element * bpf_map__max_entries(map));
}

/* `offset` and `size` are of whole pages. */
static int map_pages(const struct bpf_map *map, int protection, size_t offset,
                     size_t size, struct counters_table *ret_table) {
  void *data =
      mmap(NULL, size, protection, MAP_SHARED, bpf_map__fd(map), (off_t)offset);

  if (data == MAP_FAILED)
    return -errno;
  *ret_table = (struct counters_table){.data = data, .size = size};
  return 0;
}

int counters_open(const struct bpf_map *map, struct counters_table *ret_table) {
  return map_pages(map, PROT_READ, 0, table_size(map), ret_table);
}

/* Where a variable is in a section; less than 0 when it is not there. */
static int variable_offset(const struct bpf_object *object, const char *section,
                           const char *name) {
  const struct btf *btf = bpf_object__btf(object);
  int id = btf__find_by_name_kind(btf, section, BTF_KIND_DATASEC);
  const struct btf_type *type;

  if (id < 0)
    return id;
  type = btf__type_by_id(btf, (__u32)id);
  for (unsigned i = 0; i < btf_vlen(type); i++) {
    const struct btf_var_secinfo *info = &btf_var_secinfos(type)[i];
    const struct btf_type *variable = btf__type_by_id(btf, info->type);

    if (!strcmp(btf__name_by_offset(btf, variable->name_off), name))
      return (int)info->offset;
  }
  return -ENOENT;
}

int counters_open_variable(const struct bpf_object *object, const char *section,
                           const char *name, int protection, size_t size,
                           struct counters_table *ret_table,
                           void **ret_variable) {
  int offset = variable_offset(object, section, name), err;
  size_t before;

  if (offset < 0)
    return offset;
  before = in_page((size_t)offset);
  err =
      map_pages(bpf_object__find_map_by_name(object, section), protection,
                (size_t)offset - before, whole_pages(before + size), ret_table);
  if (!err)
    *ret_variable = (char *)ret_table->data + before;
  return err;
}

int counters_open_writable(const struct bpf_map *map,
                           struct counters_table *ret_table) {
  return map_pages(map, PROT_READ | PROT_WRITE, 0, table_size(map), ret_table);
}

/* A kernel that does not freeze it counts as well. */
int counters_open_frozen(const struct bpf_map *map,
                         struct counters_table *ret_table) {
  int err = counters_open(map, ret_table);

  if (!err)
    bpf_map_freeze(bpf_map__fd(map));
  return err;
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
