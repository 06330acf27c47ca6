// SPDX-License-Identifier: MIT
/* Joins path components, and knows the files whose names are not worth a
 * series. */
#include "core/path.h"

#include <errno.h>
#include <string.h>

/* Puts the text before `*start`; false when there is no room. */
static bool prepend_text(const char *room, char **start, const char *text) {
  size_t length = strlen(text);

  if ((size_t)(*start - room) < length)
    return false;
  *start -= length;
  memcpy(*start, text, length);
  return true;
}

/* Components come from the leaf to the root, so it writes from the end of
 * `ret_path`. */
int path_from_components(const char *components, size_t size, bool cut,
                         char *ret_path, size_t path_size) {
  bool fits = true;
  char *start;

  if (size && components[size - 1])
    return -EINVAL;
  if (!path_size)
    return -ENOSPC;
  start = ret_path + path_size - 1;
  *start = '\0';
  for (const char *name = components; fits && name < components + size;
       name += strlen(name) + 1)
    if (name[0])
      fits = prepend_text(ret_path, &start, name) &&
             prepend_text(ret_path, &start, "/");
  if (cut)
    start += *start == '/';
  if (fits && (cut || !*start))
    fits = prepend_text(ret_path, &start, cut ? PATH_CUT : "/");
  memmove(ret_path, start, strlen(start) + 1);
  return fits ? 0 : -ENOSPC;
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
