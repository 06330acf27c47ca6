/* SPDX-License-Identifier: MIT */
/* Tables of counters that are mapped into this process and summed over CPUs, so
 * that a harvest makes no system calls. */
#ifndef BPFMEM_KERNEL_COUNTERS_H
#define BPFMEM_KERNEL_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

struct bpf_map;
struct bpf_object;

/* A BPF array mapped for reading; all zero for none. */
struct counters_table {
  const void *data;
  size_t size;
};

/* Who may write to a table from now on: only programs in the kernel; whoever
 * has it mapped, too. */
enum counters_mode { COUNTERS_FROZEN, COUNTERS_WRITE };

/* Removes libbpf's mappings of the global data of a loaded object. That data
 * can then be changed only through counters_open() and bpf(2). */
void counters_unmap_data(const struct bpf_object *object);

/* The map must be an array with BPF_F_MMAPABLE, loaded. 0 or -errno. */
int counters_open(const struct bpf_map *map, enum counters_mode mode,
                  struct counters_table *ret_table);
void counters_close(struct counters_table *table);

/* Continues a sum where a 32-bit counter may have wrapped. The counter has
 * grown by less than 2^32 since the last call. The lower half of the sum is
 * always the counter. */
static inline uint64_t counters_continue(uint64_t sum, uint32_t now) {
  return sum + (uint32_t)(now - (uint32_t)sum);
}

/* table[cpu][element] of 32-bit counters -> sums[element], modulo 2^32. */
void counters_sum_32(const struct counters_table *table, unsigned cpus,
                     unsigned elements, uint32_t *sums);

/* table[cpu][element] of 64-bit counters -> sums[element]. */
void counters_sum(const struct counters_table *table, unsigned cpus,
                  unsigned elements, uint64_t *sums);

#endif
