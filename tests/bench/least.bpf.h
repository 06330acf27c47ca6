/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The least that counts: one add for the cache or file of each event, and what
 * is needed to know which. What an empty program lacks of this, no counter can
 * be without; what bpfmem does beyond it is to use slots again, to name them,
 * and to tell apart what collides, which here counts together. */
#ifndef BPFMEM_LEAST_BPF_H
#define BPFMEM_LEAST_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define CPUS 16 /* those above share */
#define FILES_BITS 9

/* Nobody reads tables. */
#define TABLE static __attribute__((used))

/* With its key: no other cache line, and no other page. */
struct file_line {
  u64 ino;
  u32 flags, generation;
  u32 minor, major;
  u64 unused;
};

TABLE struct file_line file_lines[CPUS][1 << FILES_BITS];

/* Where in a table of 2^bits elements something lies. */
static __always_inline u64 hash_bits(u64 number, u32 bits) {
  return number * 0x9e3779b97f4a7c15ULL >> (64 - bits);
}

static __always_inline u64 cpu_now(void) {
  return bpf_get_smp_processor_id() % CPUS;
}

/* The verifier of 6.1 loses what clang makes of a sum. */
static __always_inline struct file_line *file_line(u64 cpu, u64 file) {
  struct file_line *line = file_lines[cpu];

  barrier_var(line);
  line += file;
  barrier_var(line);
  return line;
}

/* A file is known by its inode and a field of its super block, and by equality
 * with what is kept. */
static __always_inline struct file_line *find_file(u64 cpu, struct inode *inode,
                                                   u64 *ret_file) {
  u64 ino = inode->i_ino;
  u32 flags = inode->i_sb->s_flags, generation = inode->i_generation;
  struct file_line *line;

  *ret_file = hash_bits(ino ^ flags, FILES_BITS);
  line = file_line(cpu, *ret_file);
  if (line->ino != ino || line->flags != flags ||
      line->generation != generation) {
    line->ino = ino;
    line->flags = flags;
    line->generation = generation;
  }
  return line;
}

static __always_inline int count_fault(struct file_line *line, bool major) {
  if (major)
    line->major++;
  else
    line->minor++;
  return 0;
}

#endif
