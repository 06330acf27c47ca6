/* SPDX-License-Identifier: MIT */
/* What the kernel says each cache holds: /proc/slabinfo (slabinfo(5)). */
#ifndef BPFMEM_SLAB_SLABINFO_H
#define BPFMEM_SLAB_SLABINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLABINFO "/proc/slabinfo"

/* One line. */
struct slabinfo_row {
  const char *name; /* not terminated: `name_size` bytes */
  size_t name_size;
  uint64_t objects; /* in use; those in a CPU's own slab or sheaf are, too */
  uint64_t object_size;  /* bytes */
  uint64_t slabs, pages; /* slabs, and pages of each */
  uint64_t slab_objects; /* room for so many in each */
};

/* The line at *text, which ends by a newline; *text is what follows then. False
 * for what is no line of a cache (heads, an end without a newline). */
bool slabinfo_parse(const char **text, struct slabinfo_row *ret_row);

/* Zero: not open. */
struct slabinfo {
  bool is_open;
  int fd;
  char *text;
  size_t size;
};

typedef void slabinfo_take(void *arg, const struct slabinfo_row *row);

/* 0 or -errno. Only root may read it. */
int slabinfo_open(struct slabinfo *ret_slabinfo);
/* Accepts one that is not open. */
void slabinfo_close(struct slabinfo *slabinfo);
/* Calls `take` for each cache. 0 or -errno; the memory for the text is kept. */
int slabinfo_read(struct slabinfo *slabinfo, slabinfo_take *take, void *arg);

#endif
