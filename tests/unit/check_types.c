// SPDX-License-Identifier: MIT
/* What the BPF objects expect of this kernel's types. Nothing is loaded, so no
 * privilege is needed. */
#include "opened_objects.h"

#include <stdio.h>
#include <unistd.h>

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"

/* What vmlinux_min.h has and this kernel may lack; programs ask before use. */
static bool is_optional(const char *type, const char *member) {
  static const char *const optional[][2] = {
      {"page", "slab_cache"},        /* until 5.16 */
      {"slab", "slab_cache"},        /* since 5.17 */
      {"backing_file", "file"},      /* since 6.5, as the struct itself */
      {"backing_file", "user_path"}, /* since 6.8 */
      {"maple_tree", "ma_root"},     /* since 6.1, as the struct itself */
      {"maple_range_64", "pivot"},   /* the same */
      {"maple_arange_64", "pivot"},  /* the same */
      {"mm_struct", "mm_mt"},        /* the same */
      {"mm_struct", "mm_rb"},        /* until 6.0 */
      {"vm_area_struct", "vm_rb"},   /* the same */
  };

  for (size_t i = 0; i < ARRAY_SIZE(optional); i++)
    if (!strcmp(optional[i][0], type) && !strcmp(optional[i][1], member))
      return true;
  return false;
}

static void check_kernel_struct(const struct btf *object, const char *name,
                                const struct btf *kernel) {
  const struct btf_type *ours = find_struct(object, name);
  const struct btf_type *theirs = find_struct(kernel, name);
  __u32 type;

  for (__u32 i = 0; ours && i < btf_vlen(ours); i++) {
    const char *member =
        btf__name_by_offset(object, btf_members(ours)[i].name_off);

    ck_assert_msg(
        is_optional(name, member) ||
            (theirs && find_member(kernel, theirs, member, &type) >= 0),
        "this kernel has no %s.%s", name, member);
  }
}

/* Every struct of vmlinux_min.h that CO-RE relocates. */
static const char *const kernel_structs[] = {
    "qstr",           "dentry",          "vfsmount",
    "user_namespace", "mnt_namespace",   "mount",
    "path",           "super_block",     "inode",
    "file",           "backing_file",    "maple_tree",
    "maple_range_64", "maple_arange_64", "rb_node",
    "rb_root",        "mm_struct",       "vm_area_struct",
    "task_struct",    "kmem_cache",      "page",
    "slab",
};

START_TEST(kernel_has_the_fields_that_programs_read) {
  const struct btf *const ours[] = {
      bpf_object__btf(pagefault->obj), bpf_object__btf(by_copies->obj),
      bpf_object__btf(slab->obj), bpf_object__btf(slab_page->obj)};
  struct btf *kernel = btf__load_vmlinux_btf();

  ck_assert_ptr_nonnull(kernel);
  for (size_t i = 0; i < ARRAY_SIZE(kernel_structs); i++) {
    const char *name = kernel_structs[i];
    unsigned known = 0;

    for (size_t j = 0; j < ARRAY_SIZE(ours); j++) {
      known += find_struct(ours[j], name) != NULL;
      check_kernel_struct(ours[j], name, kernel);
    }
    ck_assert_msg(known, "no object knows struct %s", name);
  }
  btf__free(kernel);
}
END_TEST

Suite *suite(void) {
  const TTest *tests[] = {
      kernel_has_the_fields_that_programs_read,
  };
  bool has_btf = !access(VMLINUX_BTF, R_OK);

  if (!has_btf)
    fprintf(stderr, "note: no " VMLINUX_BTF ": kernel's types not checked\n");
  return suite_with("types", setup, teardown, tests,
                    has_btf ? ARRAY_SIZE(tests) : 0);
}
