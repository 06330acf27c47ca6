// SPDX-License-Identifier: MIT
/* What the parts of the program faults share: an area of memory, ways to make
 * it and to touch it, and the counts of getrusage. */

#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stddef.h>

struct faults {
  long minor;
  long major;
};

struct workload;

/* What is touched. A step that is prime to the number of pages makes every
 * order a permutation: that is why page counts are primes. */
struct area {
  const struct workload *work;
  const char *path;
  size_t pages;
  size_t step;
  bool check_quiet;
  char *base;
  char *unaligned;
};

struct workload {
  const char *name;
  size_t pages;
  bool (*map)(struct area *area);
  void (*unmap)(struct area *area);
  void (*access)(const struct area *area);
  struct faults (*measure)(struct area *area);
  int prot;
  int flags;
  int advice;
  bool needs_file;
  bool cold;
};

extern size_t page_size;

/* Say what failed and exit. */
void fail(const char *format, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
void check(bool ok, const char *what);

/* Accesses. */
void read_pages(const struct area *area);
void write_pages(const struct area *area);
void read_then_write(const struct area *area);
void read_permuted(const struct area *area);
void write_permuted(const struct area *area);
void read_stride(const struct area *area);
void read_by_kernel(const struct area *area);
void read_by_gup(const struct area *area);
void grow_stack(const struct area *area);

/* Mappings. */
bool map_file(struct area *area);
bool map_anon(struct area *area);
bool map_memfd(struct area *area);
void unmap_area(struct area *area);
bool map_heap(struct area *area);
void unmap_heap(struct area *area);
bool map_stack(struct area *area);
void unmap_stack(struct area *area);

/* The file under an area: create it, drop it from the page cache. */
void create_file(const struct area *area);
void make_cold(const struct area *area);

/* Make everything that is mapped by now resident and writable pages private,
 * so that from here on only new mappings fault. */
void settle(void);

/* Map the area, touch it, unmap it; the faults of the touching alone. */
struct faults measure_self(struct area *area);
struct faults measure_children(struct area *area);
struct faults measure_threads(struct area *area);

#endif
