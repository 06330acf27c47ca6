/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Plain loads by any address: what cannot be read is 0. */
#ifndef BPFMEM_UNTRUSTED_BPF_H
#define BPFMEM_UNTRUSTED_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* Since 6.2 (a35b9af4ec2c). */
void *bpf_rdonly_cast(const void *pointer, __u32 type) __ksym;

/* A load is ten instructions. What the verifier trusts needs no cast, and is
 * one; but of that it looks for each pointer field among the names of all of
 * the kernel's types, up to a millisecond a time: so only where it pays. */
#define UNTRUSTED(type, address)                                               \
  ((type *)bpf_rdonly_cast((void *)(address), bpf_core_type_id_kernel(type)))

/* The verifier knows a field of a type by its constant offset only: so this is
 * the first one of a type that starts with a word. */
static __always_inline u64 word_at(u64 address) {
  return UNTRUSTED(struct rb_node, address)->__rb_parent_color;
}

#endif
