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

#include "hash.bpf.h"

#define CPUS 16 /* those above share */
#define FILES_BITS 13

/* Nobody reads tables. */
#define TABLE static __attribute__((used))

struct file_key {
  u64 ino;
  u32 dev, generation;
};
struct file_count {
  u32 minor, major;
};

TABLE struct file_key file_keys[1 << FILES_BITS];
TABLE struct file_count file_counts[CPUS][1 << FILES_BITS];

static __always_inline u64 cpu_now(void) {
  return bpf_get_smp_processor_id() % CPUS;
}

/* A file is known by these four fields, and by equality with what is kept. */
static __always_inline u64 find_file(struct inode *inode) {
  u64 ino = inode->i_ino, file;
  u32 dev = inode->i_sb->s_dev, generation = inode->i_generation;
  struct file_key *key;

  file = hash_bits(ino ^ dev, FILES_BITS);
  key = &file_keys[file];
  if (key->ino != ino || key->dev != dev || key->generation != generation) {
    key->ino = ino;
    key->dev = dev;
    key->generation = generation;
  }
  return file;
}

static __always_inline void count_file(u64 file, bool major) {
  struct file_count *count = file_counts[cpu_now()];

  barrier_var(count); /* the verifier of 6.1 loses what clang makes of a sum */
  count += file;
  if (major)
    count->major++;
  else
    count->minor++;
}

#endif
