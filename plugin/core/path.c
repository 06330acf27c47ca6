// SPDX-License-Identifier: MIT
/* Joins path components; knows the files whose names are not worth a series. */
#include "core/path.h"

#include <errno.h>
#include <string.h>

/* Walks NUL-terminated components from the last (next to the root) to the
 * first (the leaf). `*end` is the offset behind the one to return; NULL at the
 * end. */
static const char *previous_name(const char *components, size_t *end) {
  size_t start;

  if (!*end)
    return NULL;
  start = *end - 1;
  while (start && components[start - 1])
    start--;
  *end = start;
  return components + start;
}

static size_t joined_length(const char *components, size_t size, bool cut) {
  size_t length = 0;
  const char *name;

  while ((name = previous_name(components, &size)))
    if (name[0])
      length += 1 + strlen(name);
  if (!cut)
    return length ? length : 1;
  return strlen(PATH_CUT) + (length ? length - 1 : 0);
}

static char *append_text(char *end, const char *text) {
  size_t length = strlen(text);

  memcpy(end, text, length);
  return end + length;
}

int path_from_components(const char *components, size_t size, bool cut,
                         char *ret_path, size_t path_size) {
  const char *separator = cut ? PATH_CUT : "/", *name;
  char *end = ret_path;

  if (size && components[size - 1])
    return -EINVAL;
  if (joined_length(components, size, cut) >= path_size)
    return -ENOSPC;
  while ((name = previous_name(components, &size))) {
    if (!name[0])
      continue;
    end = append_text(append_text(end, separator), name);
    separator = "/";
  }
  if (end == ret_path)
    end = append_text(end, separator);
  *end = '\0';
  return 0;
}

/* The first that matches decides. A trailing '*' stands for any rest. */
static const struct {
  const char *pattern;
  const char *class;
} classes[] = {
    /* memfd_create(), also with MFD_HUGETLB. */
    {"/memfd:*", "shmem"},
    /* POSIX shared memory and semaphores. */
    {"/dev/shm/*", "shmem"},
    /* MAP_ANONYMOUS | MAP_SHARED, which the kernel names like the device. */
    {"/dev/zero", "shmem"},
    /* MAP_HUGETLB without a file, and files in a hugetlbfs. */
    {"/anon_hugepage", "hugetlb"},
    {"/dev/hugepages/*", "hugetlb"},
    /* HotSpot's counters: one file per process id. */
    {"/tmp/hsperfdata_*", "shmem"},
    {"/dev/*", "special"},
    /* Anonymous inodes: [io_uring], [perf_event], [aio], [secretmem]. */
    {"/[*", "special"},
    {"/anon_inode:*", "special"},
};

static bool is_like(const char *pattern, const char *path) {
  size_t length = strlen(pattern);

  if (pattern[length - 1] == '*')
    return strncmp(pattern, path, length - 1) == 0;
  return strcmp(pattern, path) == 0;
}

/* ipc/shm.c names a segment "SYSV%08x" after its key. */
static bool is_sysv_segment(const char *path) {
  const char *prefix = "/SYSV";

  return strncmp(path, prefix, strlen(prefix)) == 0 &&
         strspn(path + strlen(prefix), "0123456789abcdefABCDEF") == 8 &&
         strlen(path) == strlen(prefix) + 8;
}

void path_strip_number(char *path) {
  char *name = strrchr(path, '/');

  if (!name || name[1] != '#' || !name[2])
    return;
  if (!name[2 + strspn(name + 2, "0123456789")])
    name[2] = '\0';
}

const char *path_class(const char *path) {
  for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
    if (is_like(classes[i].pattern, path))
      return classes[i].class;
  return is_sysv_segment(path) ? "shmem" : NULL;
}
