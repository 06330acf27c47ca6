// SPDX-License-Identifier: MIT
/* What the parts of the program faults share: an area of memory, ways to make
 * it and to touch it, and the counts of getrusage. */

#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

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
  size_t unit; /* bytes of a page */
  size_t step;
  bool check_quiet;
  char *base;
  char *unaligned;
  int id;
  pid_t child;
};

struct workload {
  const char *name;
  const char *where; /* the class that its faults count for, NULL: its file */
  const char *need;  /* what the machine must offer, NULL: nothing */
  size_t pages;
  bool (*map)(struct area *area);
  void (*unmap)(struct area *area);
  void (*access)(const struct area *area);
  struct faults (*measure)(struct area *area);
  /* What another thread does to the area at the same time. */
  void (*disturb)(const struct area *area);
  int prot;
  int flags;
  int advice;
  int children;
  bool cold;
  bool at_once; /* its file is written in one go: in large folios, if any */
  bool noisy;   /* each access faults again */
};

extern const struct workload workloads[];
extern const size_t workloads_count;
struct workload workload_complete(const struct workload *work);
extern size_t page_size;

static inline size_t area_size(const struct area *area) {
  return area->pages * area->unit;
}

/* Say what failed and exit. */
void fail(const char *format, ...)
    __attribute__((noreturn, format(printf, 1, 2)));
void check(bool ok, const char *what);

/* Accesses. */
void read_page(const struct area *area, size_t index);
void write_page(const struct area *area, size_t index);
void read_pages(const struct area *area);
void write_pages(const struct area *area);
void read_then_write(const struct area *area);
void read_permuted(const struct area *area);
void write_permuted(const struct area *area);
void write_while_disturbed(const struct area *area);
void read_stride(const struct area *area);
void grow_stack(const struct area *area);

/* Accesses by the kernel. */
void read_by_kernel(const struct area *area);
void write_by_kernel(const struct area *area);
void read_by_gup(const struct area *area);
void write_into_child(const struct area *area);
void lock_pages(const struct area *area);
void populate_pages(const struct area *area);

/* Accesses that change the mapping, too. */
void write_synced(const struct area *area);
void write_zapped(const struct area *area);
void write_zapped_often(const struct area *area);
void write_moved(const struct area *area);
void reprotect(const struct area *area);

/* Accesses that raise signals. */
bool map_truncated(struct area *area);
void write_half(const struct area *area);
void write_protected(const struct area *area);
void write_truncated(const struct area *area);
void truncate_repeatedly(const struct area *area);

/* Mappings of files. */
int open_file(const char *path, int flags);
bool map_fd(struct area *area, int fd);
bool map_file(struct area *area);
void unmap_area(struct area *area);

/* Mappings of memory. */
bool map_anon(struct area *area);
bool map_cow(struct area *area);
void unmap_cow(struct area *area);
bool map_thp(struct area *area);
void unmap_thp(struct area *area);
bool map_zero_device(struct area *area);
bool map_memfd(struct area *area);
bool map_sysv(struct area *area);
void unmap_sysv(struct area *area);
bool map_huge(struct area *area);
bool map_hugetlbfs(struct area *area);
bool map_heap(struct area *area);
void unmap_heap(struct area *area);
bool map_stack(struct area *area);
void unmap_stack(struct area *area);

/* Pages that are in swap, and pages that another thread supplies. */
bool map_swapped(struct area *area);
bool map_userfault(struct area *area);
void unmap_userfault(struct area *area);

/* The file under an area: create it, drop it from the page cache. */
void create_file(const struct area *area);
void make_cold(const struct area *area);

/* Whether a workload's `disturb` runs. */
extern volatile bool disturbing;

/* Make everything that is mapped by now resident and writable pages private,
 * so that from here on only new mappings fault. */
void settle(void);

/* Wait that long before and after the accesses, and note the time around them:
 * for those who watch from outside. */
extern long pause_ms;
extern double accessed_from, accessed_to;

/* Map the area, touch it, unmap it; the faults of the touching alone. */
struct faults count_accesses(const struct area *area, int who);
struct faults measure_self(struct area *area);
struct faults measure_threads(struct area *area);
struct faults measure_children(struct area *area);
struct faults measure_programs(struct area *area);
struct faults measure_writes_into_child(struct area *area);

/* What such a program does: count on the area, write the counts to fd. */
void count_for_parent(struct area *area, int fd);

#endif
