/* SPDX-License-Identifier: MIT */
/* Harvest without system calls: tables of counters mapped into this process and
 * summed over CPUs. */
#ifndef BPFMEM_WALK_H
#define BPFMEM_WALK_H

#include <stddef.h>
#include <stdint.h>

struct bpf_map;
struct bpf_object;

/* A BPF array mapped for reading; zero is none. */
struct walk_table {
  const void *data;
  size_t size;
};

/* The map must be an array with BPF_F_MMAPABLE, loaded. 0 or -errno. */
int walk_open(const struct bpf_map *map, struct walk_table *ret_table);
/* The section that has a global variable, and where the variable is in it;
 * protection as mmap() takes it. -ENOENT when the object has no such one. */
int walk_open_variable(const struct bpf_object *object, const char *section,
                       const char *name, int protection,
                       struct walk_table *ret_table, void **ret_variable);
/* From now on nobody may write to it but programs in the kernel. */
int walk_open_frozen(const struct bpf_map *map, struct walk_table *ret_table);
void walk_close(struct walk_table *table);

/* A count that only grows: what is below it was counted too early, and comes.
 */
static inline uint64_t walk_higher(uint64_t sum, uint64_t now) {
  return (int64_t)(now - sum) > 0 ? now : sum;
}

/* Of two that may both be less than 0. */
static inline uint64_t walk_lower(uint64_t a, uint64_t b) {
  return (int64_t)(a - b) < 0 ? a : b;
}

/* table[cpu][element] of 32-bit counters, which wrap. Adds to sums[element]
 * what they have grown by since the last call, or gone back, less than 2^31;
 * sums start as 0. */
void walk_add(const struct walk_table *table, unsigned cpus, unsigned elements,
              uint64_t *sums);

/* table[cpu][element] of 64-bit counters -> sums[element]. */
void walk_sum(const struct walk_table *table, unsigned cpus, unsigned elements,
              uint64_t *sums);

#endif
