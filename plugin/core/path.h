/* SPDX-License-Identifier: MIT */
/* Makes a path of the components that the kernel sends, and tells the class of
 * files whose names are unique per process or run. */
#ifndef BPFMEM_CORE_PATH_H
#define BPFMEM_CORE_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* The start of a path whose walk ended before the root. */
#define PATH_CUT "..."

/* `components` has `size` bytes: NUL-terminated names, leaf first
 * ("libc.so.6\0lib\0usr\0"). Empty components are skipped. `cut` says that the
 * walk ended before the root: the path is then "...usr/lib/libc.so.6" instead
 * of "/usr/...". Returns 0, -EINVAL when the last component is not terminated,
 * or -ENOSPC. `ret_path` gets a NUL-terminated string. */
int path_from_components(const char *components, size_t size, bool cut,
                         char *ret_path, size_t path_size);

/* A file made with O_TMPFILE is called '#' and its inode number. This takes the
 * number away, so that such files of one directory have one name ("/tmp/#"). */
void path_strip_number(char *path);

/* The class that a path belongs to ("shmem" for /dev/shm/... and
 * "/SYSV00000000", ...), or NULL when the path is a name of its own. */
const char *path_class(const char *path);

#endif
