/* SPDX-License-Identifier: MIT */
/* What the plugin holds of the kernel: BPF objects, descriptors, mappings. */
#ifndef BPFMEM_INJECT_OBJECTS_H
#define BPFMEM_INJECT_OBJECTS_H

enum { OBJECTS_MAX = 2048 };

/* Everything that a run has ever made; in memory that its parent sees. */
struct objects {
  unsigned count;
  struct {
    int find; /* the command of bpf(2) that finds it by its id */
    unsigned id;
  } object[OBJECTS_MAX];
};

/* Where to note objects from now on. */
void objects_note_in(struct objects *objects);
/* For calls.c: bpf(2) was called with `command` and returned `fd`. */
void objects_note(int command, int fd);
/* Waits until the kernel has none of them any more; 0 then, else how many. */
unsigned objects_await_gone(const struct objects *objects);

/* Descriptors open, and mappings of BPF maps, in this process. */
unsigned objects_count_fds(void);
unsigned objects_count_maps(void);

#endif
