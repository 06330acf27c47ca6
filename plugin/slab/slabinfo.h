/* SPDX-License-Identifier: MIT */
/* What the kernel says that each cache holds: /proc/slabinfo (slabinfo(5)). */
#ifndef BPFMEM_SLAB_SLABINFO_H
#define BPFMEM_SLAB_SLABINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLABINFO "/proc/slabinfo"

/* One line of it. */
struct slabinfo_row {
  const char *name; /* not terminated: `name_size` bytes */
  size_t name_size;
  uint64_t objects;      /* in use, or in a CPU's own slab or sheaf */
  uint64_t object_size;  /* bytes */
  uint64_t slabs, pages; /* slabs, and pages of each */
  uint64_t slab_objects; /* objects for which a slab has room */
};

/* Parses the line at *text, which ends in a newline, and moves *text behind it.
 * False for a line that is of no cache (a head, or an end without a newline).
 */
bool slabinfo_parse(const char **text, struct slabinfo_row *ret_row);

/* All zero when not open. */
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
