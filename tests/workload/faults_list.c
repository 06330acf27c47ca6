// SPDX-License-Identifier: MIT
/* The workloads of the program faults. */

#include "faults.h"

#include <sys/mman.h>

#define RW (PROT_READ | PROT_WRITE)
#define PRIVATE_ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED_ANON (MAP_SHARED | MAP_ANONYMOUS)

#define FILED(name_, pages_, access_, ...)                                     \
  { .name = name_, .pages = pages_, .access = access_, __VA_ARGS__ }
#define CLASS(name_, where_, pages_, access_, ...)                             \
  {                                                                            \
    .name = name_, .where = where_, .pages = pages_, .access = access_,        \
    .prot = RW, __VA_ARGS__                                                    \
  }
#define PRIVATE(prot_) .prot = prot_, .flags = MAP_PRIVATE
#define SHARED(prot_) .prot = prot_, .flags = MAP_SHARED

const struct workload workloads[] = {
    FILED("private_read", 1009, read_pages, PRIVATE(PROT_READ)),
    FILED("private_write", 509, write_pages, PRIVATE(RW)),
    FILED("large_write", 509, write_permuted, PRIVATE(RW), .at_once = true),
    FILED("shared_read", 1009, read_pages, SHARED(PROT_READ)),
    FILED("shared_write", 509, write_pages, SHARED(RW)),
    FILED("cow_after_read", 251, read_then_write, PRIVATE(RW)),
    FILED("stride", 1009, read_stride, PRIVATE(PROT_READ)),

    FILED("kernel_read", 509, read_by_kernel, PRIVATE(PROT_READ)),
    FILED("kernel_write", 251, write_by_kernel, PRIVATE(RW)),
    FILED("gup", 509, read_by_gup, PRIVATE(PROT_READ)),
    FILED("gup_mlock", 509, lock_pages, PRIVATE(RW)),
    FILED("gup_populate", 251, populate_pages, SHARED(RW), .noisy = true),
    FILED("gup_other", 251, write_into_child, PRIVATE(RW),
          .measure = measure_writes_into_child),

    FILED("major_random", 509, read_permuted, PRIVATE(PROT_READ),
          .advice = MADV_RANDOM, .cold = true),
    FILED("major_readahead", 1009, read_pages, PRIVATE(PROT_READ),
          .cold = true),
    FILED("major_write", 251, write_permuted, SHARED(RW), .advice = MADV_RANDOM,
          .cold = true),
    FILED("major_race", 251, read_permuted, SHARED(PROT_READ),
          .measure = measure_threads, .advice = MADV_RANDOM, .cold = true),

    FILED("threads_race", 1009, write_permuted, SHARED(RW),
          .measure = measure_threads),
    FILED("mmap_lock_race", 251, write_while_disturbed, PRIVATE(RW),
          .measure = measure_threads, .disturb = reprotect),
    FILED("truncate_race", 251, write_truncated, SHARED(RW),
          .measure = measure_threads, .disturb = truncate_repeatedly),

    FILED("forked_children", 251, write_permuted, PRIVATE(RW),
          .measure = measure_children, .children = 17),
    FILED("fork_storm", 31, write_permuted, PRIVATE(RW),
          .measure = measure_children, .children = 61),
    FILED("page_lock_contended", 3, write_zapped_often, SHARED(RW),
          .measure = measure_children, .children = 5, .noisy = true),
    FILED("exec_storm", 31, write_permuted, PRIVATE(RW),
          .measure = measure_programs, .children = 31),

    FILED("sigbus", 503, write_half, PRIVATE(RW), .map = map_truncated),
    FILED("sigsegv", 251, write_protected, PRIVATE(PROT_READ)),
    FILED("write_notify", 251, write_synced, SHARED(RW), .noisy = true),
    FILED("zapped", 251, write_zapped, PRIVATE(RW), .noisy = true),
    FILED("mremap", 509, write_moved, PRIVATE(RW), .noisy = true),

    CLASS("anon_write", "anon", 1009, write_pages, .flags = PRIVATE_ANON),
    CLASS("anon_read_write", "anon", 509, read_then_write,
          .flags = PRIVATE_ANON),
    CLASS("anon_cow", "anon", 509, write_pages, .map = map_cow,
          .unmap = unmap_cow, .flags = PRIVATE_ANON),
    CLASS("anon_thp", "anon", 2053, write_pages, .map = map_thp,
          .unmap = unmap_thp, .flags = PRIVATE_ANON, .advice = MADV_HUGEPAGE,
          .need = "thp"),
    CLASS("anon_mlock", "anon", 509, lock_pages, .flags = PRIVATE_ANON),
    CLASS("anon_swap", "anon", 509, read_permuted, .map = map_swapped,
          .flags = PRIVATE_ANON, .need = "swap"),
    CLASS("anon_userfault", "anon", 251, write_pages, .map = map_userfault,
          .unmap = unmap_userfault, .flags = PRIVATE_ANON),
    CLASS("heap_write", "heap", 509, write_pages, .map = map_heap,
          .unmap = unmap_heap),
    CLASS("stack_grow", "stack", 509, grow_stack, .map = map_stack,
          .unmap = unmap_stack),
    CLASS("shmem_write", "shmem", 509, write_pages, .flags = SHARED_ANON),
    CLASS("memfd_write", "shmem", 509, write_pages, .map = map_memfd,
          .flags = MAP_SHARED),
    CLASS("memfd_private", "shmem", 251, read_then_write, .map = map_memfd,
          .flags = MAP_PRIVATE),
    CLASS("sysv_write", "shmem", 509, write_pages, .map = map_sysv,
          .unmap = unmap_sysv),
    CLASS("shmem_swap", "shmem", 509, read_permuted, .map = map_swapped,
          .flags = SHARED_ANON, .need = "swap"),
    CLASS("shmem_userfault", "shmem", 251, write_pages, .map = map_userfault,
          .unmap = unmap_userfault, .flags = SHARED_ANON),
    CLASS("huge_private", "hugetlb", 13, write_pages, .map = map_huge,
          .flags = PRIVATE_ANON | MAP_HUGETLB, .need = "hugetlb"),
    CLASS("huge_shared", "hugetlb", 13, read_then_write, .map = map_huge,
          .flags = SHARED_ANON | MAP_HUGETLB, .need = "hugetlb"),
    CLASS("huge_file", "hugetlb", 13, write_pages, .map = map_hugetlbfs,
          .flags = MAP_SHARED, .need = "hugetlb"),
    CLASS("huge_cow", "hugetlb", 13, read_then_write, .map = map_hugetlbfs,
          .flags = MAP_PRIVATE, .need = "hugetlb"),
    CLASS("zero_device", "special", 509, read_then_write,
          .map = map_zero_device, .flags = MAP_PRIVATE),
};

/* What is not said is one thread that faults on a file or on anonymous memory,
 * without huge pages: those are a workload of their own. */
struct workload workload_complete(const struct workload *work) {
  struct workload full = *work;
  if (!full.map)
    full.map = full.where ? map_anon : map_file;
  if (!full.unmap)
    full.unmap = unmap_area;
  if (!full.measure)
    full.measure = measure_self;
  if (full.where && !full.advice)
    full.advice = MADV_NOHUGEPAGE;
  return full;
}

const size_t workloads_count = sizeof(workloads) / sizeof(workloads[0]);
