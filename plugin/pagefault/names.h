/* SPDX-License-Identifier: MIT */
/* The ring through which the kernel sends the names of files. */
#ifndef BPFMEM_PAGEFAULT_NAMES_H
#define BPFMEM_PAGEFAULT_NAMES_H

#include <stddef.h>

/* Takes a record; returns 0. */
typedef int names_take(void *ctx, void *record, size_t size);

/* Zero is closed. */
struct names {
  int fd;
  names_take *take;
  void *ctx;
  const char *positions;
  size_t page_size;
};

/* `fd` is the ring's, which must outlive this. 0 or -errno. */
int names_open(int fd, names_take *take, void *ctx, struct names *ret_names);
void names_close(struct names *names);

/* Takes what came since the last time. 0 or -errno. */
int names_read(const struct names *names);

#endif
