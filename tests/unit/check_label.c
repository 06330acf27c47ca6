// SPDX-License-Identifier: MIT
/* label: the mapping of names, hostile ones too, to identifiers. */
#include "core/label.h"

#include "check_main.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ALPHABET                                                               \
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-~@"

static const char *const reserved[] = {"anon", "other", NULL};

static const char *label_of(const char *name) {
  static char label[LABEL_SIZE];

  memset(label, '#', sizeof(label));
  label_make(name, reserved, label);
  return label;
}

/* "/" and components of the given lengths, all of letters from 'a' on. */
static const char *path_of(const int *lengths, size_t count) {
  static char path[512];
  char *end = path;

  for (size_t i = 0; i < count; i++) {
    *end++ = '/';
    memset(end, 'a' + (int)i, lengths[i]);
    end += lengths[i];
  }
  *end = '\0';
  return path;
}

static bool has_hash(const char *label) {
  const char *at = strchr(label, '@');

  return at && strlen(at) == 9 && strspn(at + 1, "0123456789abcdef") == 8;
}

START_TEST(label_make_table_maps_names) {
  static const char *const rows[][2] = {
      {"/usr/lib/x86_64-linux-gnu/libc.so.6",
       "usr~lib~x86_64-linux-gnu~libc.so.6"},
      {"/", "root"},
      {"/a", "a"},
      {"//", "~"},
      {"//a//b", "~a~~b"},
      {"/a/", "a~"},
      {"/.hidden/..x", ".hidden~..x"},
      {"ext4_inode_cache", "ext4_inode_cache"},
      {"kmalloc-64", "kmalloc-64"},
      {"g++", "g++"},
      {"/anon/x", "anon~x"},
      {"/anonymous", "anonymous"},
      /* A hash that changes renames the series of every host. */
      {"/opt/My App/bin/my app", "opt~My_App~bin~my_app@7af7a843"},
      {"[vdso]", "_vdso_@2de8b7b7"},
      {"/memfd:pulseaudio (deleted)", "memfd_pulseaudio__deleted_@3532d731"},
  };

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
    ck_assert_str_eq(label_of(rows[i][0]), rows[i][1]);
}
END_TEST

START_TEST(label_make_lossy_name_carries_hash) {
  static const char *const rows[][2] = {
      {":0001024", "_0001024@"},
      {"bio-120 (x)", "bio-120__x_@"},
      {"/a~b", "a_b@"},
      {"/a@b", "a_b@"},
      {"/a\nb", "a_b@"},
      {"/\xc3\xa9/x", "__~x@"},
      {"/\xff\xfe", "__@"},
      {"/$(id)`;*?", "__id_____@"},
      {"/a=b,c d\"e\\", "a_b_c_d_e_@"},
      {"/anon", "anon@"},
      {"other", "other@"},
      {"/root", "root@"},
      {"", "_@"},
      {"...", "_@"},
      {"...usr/lib/x", "usr~lib~x@"},
      {"/x@2de8b7b7", "x_2de8b7b7@"},
      {"/x.", "x.@"},
      {"/x/...", "x~...@"},
  };

  for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
    const char *label = label_of(rows[i][0]);
    size_t length = strlen(rows[i][1]);

    ck_assert_msg(strncmp(label, rows[i][1], length) == 0 && has_hash(label) &&
                      strlen(label) == length + 8,
                  "%s -> %s", rows[i][0], label);
  }
}
END_TEST

START_TEST(label_make_every_byte_stays_in_alphabet) {
  for (int c = 1; c < 256; c++) {
    char name[] = {'/', 'x', (char)c, 'y', '\0'};
    const char *label = label_of(name);
    bool is_kept = strchr(ALPHABET, c) && c != '~' && c != '@';

    ck_assert_uint_eq(strspn(label, ALPHABET), strlen(label));
    ck_assert_msg(has_hash(label) == !(is_kept || c == '/'), "byte %d", c);
  }
}
END_TEST

START_TEST(label_make_127_bytes_fit_128_are_hashed) {
  const int fits[] = {63, 63}, longer[] = {63, 64};
  const char *label = label_of(path_of(fits, 2));

  ck_assert_uint_eq(strlen(label), 127);
  ck_assert(!has_hash(label));
  label = label_of(path_of(longer, 2));
  ck_assert(has_hash(label));
  ck_assert_uint_eq(strlen(label), 64 + 9);
  ck_assert_int_eq(label[0], 'b');
}
END_TEST

START_TEST(label_make_long_name_drops_no_more_components_than_needed) {
  /* 118 bytes are left beside the hash: b and c fill them, or miss by one. */
  const int exact[] = {9, 58, 59}, over[] = {9, 59, 59};
  const char *label = label_of(path_of(exact, 3));

  ck_assert_uint_eq(strlen(label), 127);
  ck_assert_int_eq(label[0], 'b');
  label = label_of(path_of(over, 3));
  ck_assert_uint_eq(strlen(label), 59 + 9);
  ck_assert_int_eq(label[0], 'c');
}
END_TEST

START_TEST(label_make_lossy_118_bytes_keep_all) {
  char name[256] = "...a/";

  memset(name + 5, 'x', 118 - 2);
  ck_assert_uint_eq(strlen(label_of(name)), 127);
  ck_assert_int_eq(strncmp(label_of(name), "a~x", 3), 0);
}
END_TEST

START_TEST(label_make_long_component_keeps_its_tail) {
  char name[256] = "/lib/";
  const char *label;

  memset(name + 5, 'x', 200);
  strcpy(name + 205, ".tail");
  label = label_of(name);
  ck_assert_uint_eq(strlen(label), 127);
  ck_assert_int_eq(label[0], 'x');
  ck_assert_ptr_nonnull(strstr(label, "x.tail@"));
}
END_TEST

START_TEST(label_make_long_name_with_slash_at_end_is_not_emptied) {
  char name[256] = "/";

  memset(name + 1, 'x', 200);
  strcpy(name + 201, "/");
  ck_assert_uint_eq(strlen(label_of(name)), 127);
}
END_TEST

START_TEST(label_make_docker_path_drops_layer_id) {
  char name[512];
  const char *expected = "merged~usr~lib~jvm~java-17-openjdk-amd64~lib~server~"
                         "libjvm.so@";

  snprintf(name, sizeof(name),
           "/var/lib/docker/overlay2/%064d/merged/usr/lib/jvm/"
           "java-17-openjdk-amd64/lib/server/libjvm.so",
           7);
  ck_assert_int_eq(strncmp(label_of(name), expected, strlen(expected)), 0);
}
END_TEST

START_TEST(label_make_pairs_that_merge_elsewhere_differ) {
  static const char *const pairs[][2] = {
      {"/a/b_c", "/a_b/c"},
      {"/a/b", "/a~b"},
      {"/a/b", "/a_b"},
      {"/usr/python3.11", "/usr/python3_11"},
      {"/x y", "/x_y"},
      {"/x y", "/x\ty"},
      {"/x\xc3\xa9", "/x\xc3\xa8"},
      {"/a:b", "/a;b"},
      {"/anon", "anon2"},
      {"/", "/root"},
      {"/a//b", "/a/b"},
      {"/...x", "...x"},
      {"/a@12345678", "/a_12345678"},
  };

  for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
    char first[LABEL_SIZE];

    strcpy(first, label_of(pairs[i][0]));
    ck_assert_str_ne(first, label_of(pairs[i][1]));
  }
}
END_TEST

START_TEST(label_make_long_twins_differ_by_dropped_part) {
  const int lengths[] = {70, 70};
  char twin[512], first[LABEL_SIZE];

  strcpy(twin, path_of(lengths, 2));
  strcpy(first, label_of(twin));
  twin[1] = 'Z';
  ck_assert_str_ne(first, label_of(twin));
  ck_assert_int_eq(strncmp(first, label_of(twin), 70), 0);
}
END_TEST

Suite *suite(void) {
  const TTest *const tests[] = {
      label_make_table_maps_names,
      label_make_lossy_name_carries_hash,
      label_make_every_byte_stays_in_alphabet,
      label_make_127_bytes_fit_128_are_hashed,
      label_make_long_name_drops_no_more_components_than_needed,
      label_make_lossy_118_bytes_keep_all,
      label_make_long_component_keeps_its_tail,
      label_make_long_name_with_slash_at_end_is_not_emptied,
      label_make_docker_path_drops_layer_id,
      label_make_pairs_that_merge_elsewhere_differ,
      label_make_long_twins_differ_by_dropped_part,
  };

  return suite_of("label", tests, ARRAY_SIZE(tests));
}
