// SPDX-License-Identifier: MIT
/* Create a known number of kernel objects, wait for a line on standard input,
 * destroy them: a user-visible cause of slab allocations and frees. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PER_OBJECT_FDS = 2, SPARE_FDS = 64 };

struct object {
  int fds[PER_OBJECT_FDS];
};

struct kind {
  const char *name;
  const char *creates;
  bool (*create)(struct object *object, size_t index);
  bool (*destroy)(struct object *object, size_t index);
};

static const char *name_of(size_t index) {
  static char name[64];
  snprintf(name, sizeof(name), "object-%zu", index);
  return name;
}

static bool close_fds(struct object *object, size_t index) {
  bool ok = true;
  (void)index;
  for (int i = 0; i < PER_OBJECT_FDS; i++)
    if (object->fds[i] >= 0)
      ok = close(object->fds[i]) == 0 && ok;
  return ok;
}

static bool create_file(struct object *object, size_t index) {
  (void)object;
  int fd = open(name_of(index), O_CREAT | O_EXCL | O_WRONLY, 0600);
  return fd >= 0 && close(fd) == 0;
}

static bool unlink_file(struct object *object, size_t index) {
  (void)object;
  return unlink(name_of(index)) == 0;
}

static bool look_up(struct object *object, size_t index) {
  struct stat stat_;
  (void)object;
  return stat(name_of(index), &stat_) < 0 && errno == ENOENT;
}

/* Negative dentries go when their directory goes, which main() removes. */
static bool leave_it(struct object *object, size_t index) {
  (void)object;
  (void)index;
  return true;
}

/* Watches something, as only a watch is an object of a cache of its own. */
static bool create_epoll(struct object *object, size_t index) {
  static int watched = -1;
  struct epoll_event event = {.events = EPOLLIN};
  (void)index;
  if (watched < 0)
    watched = eventfd(0, 0);
  object->fds[0] = epoll_create1(0);
  return epoll_ctl(object->fds[0], EPOLL_CTL_ADD, watched, &event) == 0;
}

static bool create_pipe(struct object *object, size_t index) {
  (void)index;
  return pipe(object->fds) == 0;
}

static bool create_socket(struct object *object, size_t index) {
  (void)index;
  object->fds[0] = socket(AF_UNIX, SOCK_DGRAM, 0);
  return object->fds[0] >= 0;
}

static bool create_eventfd(struct object *object, size_t index) {
  (void)index;
  object->fds[0] = eventfd(0, 0);
  return object->fds[0] >= 0;
}

static const struct kind kinds[] = {
    {"files", "an inode and a dentry each", create_file, unlink_file},
    {"dentries", "a negative dentry each", look_up, leave_it},
    {"epoll", "an eventpoll_epi and a filp each", create_epoll, close_fds},
    {"pipes", "two filp and a pipe inode each", create_pipe, close_fds},
    {"sockets", "a UNIX and a sock_inode_cache each", create_socket, close_fds},
    {"eventfds", "a filp each", create_eventfd, close_fds},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void fail(const char *what) {
  fprintf(stderr, "objects: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void allow_fds(size_t count) {
  rlim_t fds = count * PER_OBJECT_FDS + SPARE_FDS;
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
    fail("getrlimit");
  limit.rlim_cur = limit.rlim_cur > fds ? limit.rlim_cur : fds;
  limit.rlim_max = limit.rlim_max > fds ? limit.rlim_max : fds;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
    fail("setrlimit");
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
    objects[i] = (struct object){{-1, -1}};
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
  allow_fds(count);
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
  for (size_t i = 0; i < KINDS; i++)
    fprintf(stderr, "  %-10s %s\n", kinds[i].name, kinds[i].creates);
  return 2;
}

int main(int argc, char **argv) {
  if (argc != 4)
    return usage();
  char *end;
  unsigned long count = strtoul(argv[2], &end, 10);
  if (count == 0 || *end != '\0')
    return usage();
  for (size_t i = 0; i < KINDS; i++) {
    if (strcmp(argv[1], kinds[i].name) != 0)
      continue;
    run(&kinds[i], count, argv[3]);
    return 0;
  }
  return usage();
}
