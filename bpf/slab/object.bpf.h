/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Finds the cache that a bare object belongs to; 0 for memory that is no slab.
 *
 * There are two ways: the kernel's own kfunc (6.13, a992d7a3979120), or, before
 * it and on x86-64 only, the page that holds the object. The kernel's variables
 * say where vmemmap and the linear map start (KASLR and 5-level paging move
 * both). */
#ifndef BPFMEM_SLAB_OBJECT_BPF_H
#define BPFMEM_SLAB_OBJECT_BPF_H

#include "vmlinux_min.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define PAGE_SHIFT 12
#define ZERO_SIZE_PTR 16 /* kmalloc(0); NULL is below it too */

/* Its own address. The verifier lets a pointer be stored in a map and read back
 * as a number. */
volatile __u64 object_base;

/* How far a pointer is from object_base. The verifier allows only one operation
 * on a pointer that it knows: to subtract another pointer. */
static __always_inline u64 pointer_distance(const void *pointer) {
  u64 number = (u64)pointer;
  const void *base = (const void *)&object_base;

  asm("%0 -= %1" : "+r"(number) : "r"(base));
  return number;
}

/* A pointer as a number. */
static __always_inline u64 pointer_number(const void *pointer) {
  if (!object_base)
    object_base = (u64)&object_base;
  return pointer_distance(pointer) + object_base;
}

static __always_inline u64 read_u64(const void *address) {
  u64 value = 0;

  bpf_probe_read_kernel(&value, sizeof(value), address);
  return value;
}

/* This object file has the kfunc, the other one the page (slab_page.bpf.c). A
 * kfunc makes libbpf insist on the kernel's own BTF, and variables make it read
 * all of /proc/kallsyms. */
#ifndef SLAB_PAGE_ONLY
struct kmem_cache *bpf_get_kmem_cache(u64 addr) __ksym __weak;

static __always_inline u64 object_cache_told(u64 object) {
  struct kmem_cache *cache = bpf_get_kmem_cache(object);

  return cache ? pointer_number(cache) : 0;
}

#define OBJECT_CACHE object_cache_told
#else
extern const void vmemmap_base __ksym __weak;
extern const void page_offset_base __ksym __weak;

/* Up to 6.8 a flag bit marks slab pages. From 6.10 on page_type does
 * (46df8e73a4a3), since 6.12 in its upper byte (4ffca5a96678). */
static __always_inline bool page_is_slab(struct page *page) {
  if (bpf_core_enum_value_exists(enum pagetype, PGTY_slab))
    return BPF_CORE_READ(page, page_type) >> 24 ==
           bpf_core_enum_value(enum pagetype, PGTY_slab);
  return BPF_CORE_READ(page, flags) >>
             bpf_core_enum_value(enum pageflags, PG_slab) &
         1;
}

static __always_inline u64 object_cache_of_page(u64 object) {
  u64 frame = (object - read_u64(&page_offset_base)) >> PAGE_SHIFT;
  struct page *page;
  u64 head;

  page = (void *)(read_u64(&vmemmap_base) +
                  frame * bpf_core_type_size(struct page));
  head = BPF_CORE_READ(page, compound_head);
  if (head & 1)
    page = (void *)(head - 1);
  if (!page_is_slab(page))
    return 0;
  if (bpf_core_field_exists(page->slab_cache))
    return (u64)BPF_CORE_READ(page, slab_cache);
  return (u64)BPF_CORE_READ((struct slab *)page, slab_cache);
}

#define OBJECT_CACHE object_cache_of_page
#endif

static __always_inline u64 object_cache(u64 object) {
  return object > ZERO_SIZE_PTR ? OBJECT_CACHE(object) : 0;
}

#endif
