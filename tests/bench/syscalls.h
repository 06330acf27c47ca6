/* SPDX-License-Identifier: MIT */
/* How many system calls this thread makes. */
#ifndef BPFMEM_BENCH_SYSCALLS_H
#define BPFMEM_BENCH_SYSCALLS_H

/* -1 when the kernel does not tell. */
int syscalls_open(void);
/* Those since the last call; the call's own are not among them. */
double syscalls_since(int fd);

#endif
