/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Whether a page of a file is in memory, so that a fault need not wait. */
#ifndef BPFMEM_PAGEFAULT_PAGECACHE_BPF_H
#define BPFMEM_PAGEFAULT_PAGECACHE_BPF_H

#include "untrusted.bpf.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* include/linux/xarray.h. An entry is a folio, or ends in 1: a value, no page;
 * or in 10: a node; below 4096 another slot of the node, that has the folio, or
 * that the tree is being changed. */
#define XA_LEVELS_MAX 7 /* 16 PiB */
#define XA_CHUNK_MASK                                                          \
  (bpf_core_field_size(struct xa_node, slots) / sizeof(void *) - 1)
#define XA_VALUE 1
#define XA_INTERNAL 2
#define XA_ENTRY_MASK 3
#define XA_NODE_MIN 4096

static __always_inline u64 slot_of_node(u64 node, u64 slot) {
  return word_at(node + bpf_core_field_offset(struct xa_node, slots) +
                 slot * sizeof(void *));
}

static __always_inline bool is_internal(u64 entry) {
  return (entry & XA_ENTRY_MASK) == XA_INTERNAL;
}

static __always_inline u64 page_entry(struct address_space *mapping,
                                      u64 index) {
  u64 entry = (u64)mapping->i_pages.xa_head;
  u64 node, slot;

  if (!is_internal(entry))
    return index ? 0 : entry;
  for (int i = 0; i < XA_LEVELS_MAX; i++) {
    node = entry - XA_INTERNAL;
    slot = index >> UNTRUSTED(struct xa_node, node)->shift;
    if (!i && slot > XA_CHUNK_MASK)
      return 0;
    entry = slot_of_node(node, slot & XA_CHUNK_MASK);
    if (!is_internal(entry))
      return entry;
    if (entry < XA_NODE_MIN)
      return entry >> 2 > XA_CHUNK_MASK ? entry
                                        : slot_of_node(node, entry >> 2);
  }
  return 0;
}

enum page_state {
  PAGE_ABSENT, /* a fault on it is major */
  PAGE_BUSY,   /* being read */
  PAGE_READY   /* a fault on it need not wait, but for another's lock on it */
};

static __always_inline enum page_state page_state(struct address_space *mapping,
                                                  u64 index) {
  u64 entry = page_entry(mapping, index);

  if (!entry || (entry & XA_VALUE))
    return PAGE_ABSENT;
  if (is_internal(entry))
    return PAGE_BUSY;
  return word_at(entry) >> bpf_core_enum_value(enum pageflags, PG_uptodate) & 1
             ? PAGE_READY
             : PAGE_BUSY;
}

#endif
