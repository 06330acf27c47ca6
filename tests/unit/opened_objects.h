/* SPDX-License-Identifier: MIT */
/* The BPF objects, opened and not loaded, and their types. */
#ifndef BPFMEM_OPENED_OBJECTS_H
#define BPFMEM_OPENED_OBJECTS_H

#include "pagefault/api.h"
#include "slab/api.h"

#include "pagefault/pagefault.skel.h"
#include "pagefault/pagefault_probe.skel.h"
#include "slab/slab.skel.h"
#include "slab/slab_page.skel.h"

#include "check_main.h"

#include <bpf/btf.h>
#include <string.h>

static struct pagefault_bpf *pagefault;
static struct pagefault_probe_bpf *by_copies;
static struct slab_bpf *slab;
static struct slab_page_bpf *slab_page;

static inline void setup(void) {
  pagefault = pagefault_bpf__open();
  ck_assert_ptr_nonnull(pagefault);
  by_copies = pagefault_probe_bpf__open();
  ck_assert_ptr_nonnull(by_copies);
  slab = slab_bpf__open();
  ck_assert_ptr_nonnull(slab);
  slab_page = slab_page_bpf__open();
  ck_assert_ptr_nonnull(slab_page);
}

static inline void teardown(void) {
  pagefault_bpf__destroy(pagefault);
  pagefault_probe_bpf__destroy(by_copies);
  slab_bpf__destroy(slab);
  slab_page_bpf__destroy(slab_page);
}

/* The struct of that name with a body; NULL when there is none. */
static inline const struct btf_type *find_struct(const struct btf *btf,
                                                 const char *name) {
  int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

  return id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;
}

/* Offset in bits of a member, those of anonymous members included; -1: none. */
static inline long find_member(const struct btf *btf,
                               const struct btf_type *type, const char *name,
                               __u32 *ret_type) {
  for (__u32 i = 0; i < btf_vlen(type); i++) {
    const struct btf_member *member = &btf_members(type)[i];
    long offset = (long)btf_member_bit_offset(type, i), inner;
    const struct btf_type *inner_type;

    if (!strcmp(btf__name_by_offset(btf, member->name_off), name)) {
      *ret_type = member->type;
      return offset;
    }
    inner_type = btf__type_by_id(btf, member->type);
    if (member->name_off || !btf_is_composite(inner_type))
      continue;
    inner = find_member(btf, inner_type, name, ret_type);
    if (inner >= 0)
      return offset + inner;
  }
  return -1;
}

#endif
