/* SPDX-License-Identifier: MIT */
/* What this process's BPF maps and programs occupy, as the kernel says. */
#ifndef BPFMEM_BENCH_KERNELMEM_H
#define BPFMEM_BENCH_KERNELMEM_H

#define KERNELMEM_MAX 64

struct kernelmem {
  unsigned count;
  struct {
    char name[20];
    unsigned entries;
    double bytes;
  } item[KERNELMEM_MAX];
};

/* Each map once; all programs are the last item. */
void kernelmem_read(struct kernelmem *ret_memory);
double kernelmem_sum(const struct kernelmem *memory);
/* Of one of a name; 0: there is none. */
double kernelmem_of(const struct kernelmem *memory, const char *name);

#endif
