// SPDX-License-Identifier: MIT
/* features: what the kernel's types tell, by BTF made here. What has to be
 * tried is tested with real kernels (tests/vm). */
#include "kernel/features.h"

#include "check_main.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int __wrap_access(const char *path, int mode);
int __wrap_open(const char *path, int flags, ...);
int __real_access(const char *path, int mode);
int __real_open(const char *path, int flags, ...);
/* opts is const until libbpf 1.1. */
int __wrap_bpf_prog_load(enum bpf_prog_type type, const char *name,
                         const char *license, const struct bpf_insn *insns,
                         size_t count, const struct bpf_prog_load_opts *opts);

static bool has_own_btf;
static unsigned tried; /* to load a program */
static char path[] = "/tmp/check_features-XXXXXX";
static struct features features;

/* Coverage has files of its own. */
int __wrap_access(const char *file, int mode) {
  if (strncmp(file, "/sys/", 5) != 0)
    return __real_access(file, mode);
  ck_assert_str_eq(file, FEATURES_OWN_BTF);
  ck_assert_int_eq(mode, R_OK);
  return has_own_btf ? 0 : -1;
}

/* Function tracing is not known to be off. */
int __wrap_open(const char *file, int flags, ...) {
  return strncmp(file, "/proc/", 6) ? __real_open(file, flags, 0666) : -1;
}

int __wrap_bpf_prog_load(enum bpf_prog_type type, const char *name,
                         const char *license, const struct bpf_insn *insns,
                         size_t count, const struct bpf_prog_load_opts *opts) {
  (void)name;
  (void)license;
  ck_assert(type == BPF_PROG_TYPE_TRACING && insns && count);
  ck_assert_int_eq(opts->expected_attach_type, BPF_TRACE_FENTRY);
  tried++;
  errno = EPERM;
  return -EPERM;
}

/* The tracepoint's type: a pointer to a function of the data pointer, the
 * caller, the object, and `third`. */
static void add_tracepoint(struct btf *btf, const char *name, int third) {
  int data = btf__add_ptr(btf, 0);
  int proto = btf__add_func_proto(btf, 0);
  char type[64];

  snprintf(type, sizeof(type), "btf_trace_%s", name);
  btf__add_func_param(btf, "__data", data);
  btf__add_func_param(btf, "call_site", data);
  btf__add_func_param(btf, "ptr", data);
  if (third)
    btf__add_func_param(btf, "third", third);
  ck_assert_int_gt(btf__add_typedef(btf, type, btf__add_ptr(btf, proto)), 0);
}

/* struct page { long flags; union { struct { long compound_head; }; };
 *               struct { long hidden; } named; } */
static void add_page(struct btf *btf) {
  int number = btf__add_int(btf, "long", 8, BTF_INT_SIGNED);
  int inner, outer, named;

  inner = btf__add_struct(btf, NULL, 8);
  btf__add_field(btf, "compound_head", number, 0, 0);
  outer = btf__add_union(btf, NULL, 8);
  btf__add_field(btf, NULL, inner, 0, 0);
  named = btf__add_struct(btf, NULL, 8);
  btf__add_field(btf, "hidden", number, 0, 0);
  btf__add_struct(btf, "page", 24);
  btf__add_field(btf, "flags", number, 0, 0);
  btf__add_field(btf, NULL, outer, 64, 0);
  ck_assert_int_eq(btf__add_field(btf, "named", named, 128, 0), 0);
}

static void add_functions(struct btf *btf) {
  int cache = btf__add_struct(btf, "kmem_cache", 8);
  int other = btf__add_struct(btf, "gendisk", 8);
  int constant = btf__add_const(btf, cache);

  add_tracepoint(btf, "kmem_cache_alloc", btf__add_ptr(btf, cache));
  add_tracepoint(btf, "kmem_cache_free", btf__add_ptr(btf, constant));
  add_tracepoint(btf, "by_value", cache);
  add_tracepoint(btf, "of_another", btf__add_ptr(btf, other));
  add_tracepoint(btf, "too_few", 0);
  ck_assert_int_gt(btf__add_func(btf, "bpf_rdonly_cast", BTF_FUNC_GLOBAL,
                                 btf__add_func_proto(btf, 0)),
                   0);
}

static void write_types(bool any) {
  struct btf *btf = btf__new_empty();
  FILE *file = fopen(path, "w");
  const void *data;
  __u32 size;

  ck_assert_ptr_nonnull(file);
  if (any) {
    add_page(btf);
    add_functions(btf);
    btf__add_enum(btf, "fault_flag", 4);
    btf__add_enum_value(btf, "FAULT_FLAG_TRIED", 32);
  }
  data = btf__raw_data(btf, &size);
  ck_assert_uint_eq(fwrite(data, size, 1, file), 1);
  ck_assert_int_eq(fclose(file), 0);
  btf__free(btf);
}

static void setup(void) {
  libbpf_set_print(NULL);
  strcpy(path + sizeof(path) - sizeof("XXXXXX"), "XXXXXX");
  close(mkstemp(path));
  write_types(true);
  has_own_btf = true;
  tried = 0;
  features = (struct features){.path = path};
  ck_assert_int_eq(features_read(&features), 0);
}

static void teardown(void) {
  features_forget(&features);
  unlink(path);
}

static bool has(enum hook_need_kind kind, const char *name) {
  const struct hook_need need = {kind, name};

  return features_exists(&features, &need);
}

START_TEST(features_know_fields_in_anonymous_parts) {
  ck_assert(has(HOOK_NEEDS_FIELD, "page.flags"));
  ck_assert(has(HOOK_NEEDS_FIELD, "page.compound_head"));
  ck_assert(!has(HOOK_NEEDS_FIELD, "page.compound"));
  ck_assert(!has(HOOK_NEEDS_FIELD, "page.hidden"));
  ck_assert(!has(HOOK_NEEDS_FIELD, "pages.flags"));
  ck_assert(!has(HOOK_NEEDS_FIELD, "pag.flags"));
}
END_TEST

START_TEST(features_know_values_of_an_enum) {
  ck_assert(has(HOOK_NEEDS_VALUE, "fault_flag.FAULT_FLAG_TRIED"));
  ck_assert(!has(HOOK_NEEDS_VALUE, "fault_flag.FAULT_FLAG_VMA_LOCK"));
  ck_assert(!has(HOOK_NEEDS_VALUE, "fault.FAULT_FLAG_TRIED"));
}
END_TEST

/* Some kernels pass the cache, others only its name or size. */
START_TEST(features_know_tracepoints_that_pass_a_cache) {
  ck_assert(has(HOOK_NEEDS_TRACEPOINT, "by_value"));
  ck_assert(!has(HOOK_NEEDS_TRACEPOINT, "kmalloc_node"));
  ck_assert(has(HOOK_NEEDS_CACHE_ARG, "kmem_cache_alloc"));
  ck_assert(has(HOOK_NEEDS_CACHE_ARG, "kmem_cache_free"));
  ck_assert(!has(HOOK_NEEDS_CACHE_ARG, "by_value"));
  ck_assert(!has(HOOK_NEEDS_CACHE_ARG, "of_another"));
  ck_assert(!has(HOOK_NEEDS_CACHE_ARG, "too_few"));
  ck_assert(!has(HOOK_NEEDS_CACHE_ARG, "kmalloc_node"));
}
END_TEST

/* A file of types is no kernel: libbpf looks for kfuncs and for what to attach
 * to in the kernel's own. */
START_TEST(features_of_functions_need_the_kernels_own_types) {
  ck_assert(has(HOOK_NEEDS_CODE, "bpf_rdonly_cast"));
  ck_assert(!has(HOOK_NEEDS_CODE, "bpf_rdonly"));
  ck_assert(has(HOOK_NEEDS_KFUNC, "bpf_rdonly_cast"));
  features_forget(&features);
  has_own_btf = false;
  ck_assert_int_eq(features_read(&features), 0);
  ck_assert(has(HOOK_NEEDS_CODE, "bpf_rdonly_cast"));
  ck_assert(!has(HOOK_NEEDS_KFUNC, "bpf_rdonly_cast"));
  ck_assert(!has(HOOK_NEEDS_FUNCTION, "bpf_rdonly_cast"));
  ck_assert_uint_eq(tried, 0);
}
END_TEST

/* Policies refuse a program for all functions alike, and say why. */
START_TEST(features_try_fentry_once) {
  ck_assert(!has(HOOK_NEEDS_FUNCTION, "absent"));
  ck_assert_uint_eq(tried, 0);
  ck_assert_int_eq(features_error(&features), -EOPNOTSUPP);
  for (int i = 0; i < 2; i++)
    ck_assert(!has(HOOK_NEEDS_FUNCTION, "bpf_rdonly_cast"));
  ck_assert_uint_eq(tried, 1);
  ck_assert_int_eq(features_error(&features), -EPERM);
}
END_TEST

/* Both probes ask; it takes some 10 ms. */
START_TEST(features_read_types_once) {
  unlink(path);
  ck_assert_int_eq(features_read(&features), 0);
  ck_assert(has(HOOK_NEEDS_FIELD, "page.flags"));
}
END_TEST

START_TEST(features_read_tells_why_it_could_not) {
  features_forget(&features);
  unlink(path);
  ck_assert_int_eq(features_read(&features), -ENODATA);
  ck_assert_int_eq(features_error(&features), -ENOENT);
  features_forget(&features);
  write_types(false);
  ck_assert_int_eq(features_read(&features), -ENODATA);
  ck_assert_int_eq(features_error(&features), -EINVAL);
  features_forget(&features);
  write_types(true);
  ck_assert_int_eq(features_read(&features), 0);
  ck_assert_int_eq(features_error(&features), -EOPNOTSUPP);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      features_know_fields_in_anonymous_parts,
      features_know_values_of_an_enum,
      features_know_tracepoints_that_pass_a_cache,
      features_of_functions_need_the_kernels_own_types,
      features_try_fentry_once,
      features_read_types_once,
      features_read_tells_why_it_could_not,
  };

  return suite_with("features", setup, teardown, tests, ARRAY_SIZE(tests));
}
