// SPDX-License-Identifier: MIT
/* Create a known number of kernel objects, wait for a line on standard input,
 * destroy them: a user-visible cause of slab allocations and frees. */

#define _GNU_SOURCE
#include "objects.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SPARE_FDS = 64 };

static const struct kind *const lists[] = {objects_of_files, objects_of_memory,
                                           objects_of_tasks};

enum { LISTS = sizeof(lists) / sizeof(lists[0]) };

static void fail(const char *what) {
  fprintf(stderr, "objects: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void raise_limit(int resource, const char *name, rlim_t wanted) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) < 0)
    fail(name);
  if (limit.rlim_cur >= wanted)
    return;
  limit.rlim_cur = wanted;
  limit.rlim_max = limit.rlim_max > wanted ? limit.rlim_max : wanted;
  if (setrlimit(resource, &limit) < 0)
    fail(name);
}

/* A directory of our own, so that removing it ends what is left in it. */
static void enter(const char *dir, char *ret_path, size_t size) {
  if (snprintf(ret_path, size, "%s/objects-XXXXXX", dir) >= (int)size)
    errno = ENAMETOOLONG;
  else if (mkdtemp(ret_path) != NULL && chdir(ret_path) == 0)
    return;
  fail(dir);
}

static struct object *create_all(const struct kind *kind, size_t count) {
  struct object *objects = calloc(count, sizeof(*objects));
  if (objects == NULL)
    fail("calloc");
  for (size_t i = 0; i < count; i++) {
    objects[i] = (struct object){.fds = {-1, -1}};
    if (!kind->create(&objects[i], i))
      fail(kind->name);
  }
  return objects;
}

static void destroy_all(const struct kind *kind, struct object *objects,
                        size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!kind->destroy(&objects[i], i))
      fail(kind->name);
}

static void await_line(void) {
  char line[64];
  if (read(0, line, sizeof(line)) < 0)
    fail("standard input");
}

static void run(const struct kind *kind, size_t count, const char *dir) {
  char path[4096];
  raise_limit(RLIMIT_NOFILE, "open files", count * PER_OBJECT_FDS + SPARE_FDS);
  enter(dir, path, sizeof(path));
  struct object *objects = create_all(kind, count);
  dprintf(1, "created %zu\n", count);
  await_line();
  destroy_all(kind, objects, count);
  if (chdir("/") < 0 || rmdir(path) < 0)
    fail(path);
  dprintf(1, "destroyed %zu\n", count);
  free(objects);
}

static int usage(void) {
  fprintf(stderr, "usage: objects NAME COUNT DIR\n"
                  "Works in a new directory in DIR. NAME is one of\n");
  for (size_t i = 0; i < LISTS; i++)
    for (const struct kind *kind = lists[i]; kind->name != NULL; kind++)
      fprintf(stderr, "  %-10s %s\n", kind->name, kind->creates);
  return 2;
}

int main(int argc, char **argv) {
  if (argc != 4)
    return usage();
  char *end;
  unsigned long count = strtoul(argv[2], &end, 10);
  if (count == 0 || *end != '\0')
    return usage();
  for (size_t i = 0; i < LISTS; i++)
    for (const struct kind *kind = lists[i]; kind->name != NULL; kind++)
      if (strcmp(argv[1], kind->name) == 0) {
        run(kind, count, argv[3]);
        return 0;
      }
  return usage();
}
