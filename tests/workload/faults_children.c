// SPDX-License-Identifier: MIT
/* Measure the faults of touching an area in children, in programs that children
 * execute, and of touching it in a child from outside. */

#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* A child has copy-on-write and page-table faults of its own, which are done
 * with before it maps the file. */
void count_for_parent(struct area *area, int fd) {
  settle();
  struct faults count = measure_self(area);
  check(write(fd, &count, sizeof(count)) == sizeof(count), "write");
}

static void fork_one(struct area *area, int fd) {
  pid_t pid = fork();
  check(pid >= 0, "fork");
  if (pid > 0)
    return;
  count_for_parent(area, fd);
  _exit(0);
}

static void spawn_one(struct area *area, int fd) {
  char pages[24], step[24], name[64], path[4096];
  char *args[] = {"faults", "-e", name, path, pages, step, NULL};
  posix_spawn_file_actions_t actions;
  pid_t pid;
  snprintf(name, sizeof(name), "%s", area->work->name);
  snprintf(path, sizeof(path), "%s", area->path);
  snprintf(pages, sizeof(pages), "%zu", area->pages);
  snprintf(step, sizeof(step), "%zu", area->step);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fd, 1);
  errno = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, args, environ);
  check(errno == 0, "posix_spawn");
  posix_spawn_file_actions_destroy(&actions);
}

static struct faults collect(int fd, int children) {
  struct faults sum = {0, 0}, count;
  for (int i = 0; i < children; i++) {
    if (read(fd, &count, sizeof(count)) != sizeof(count))
      fail("a child failed");
    sum.minor += count.minor;
    sum.major += count.major;
  }
  return sum;
}

static void reap_children(void) {
  int status;
  while (wait(&status) > 0)
    if (status != 0)
      fail("a child ended with status %#x", status);
}

/* All at once: the last starts before the first is reaped. */
static struct faults measure_many(struct area *area,
                                  void (*start)(struct area *, int)) {
  int fds[2], children = area->work->children;
  check(pipe(fds) == 0, "pipe");
  for (int i = 0; i < children; i++) {
    area->step = (size_t)i % (area->pages - 1) + 1;
    start(area, fds[1]);
  }
  /* Without our own end of it, the read fails when a child died. */
  close(fds[1]);
  struct faults sum = collect(fds[0], children);
  close(fds[0]);
  reap_children();
  return sum;
}

struct faults measure_children(struct area *area) {
  return measure_many(area, fork_one);
}

struct faults measure_programs(struct area *area) {
  return measure_many(area, spawn_one);
}

static void __attribute__((noreturn)) lend_area(struct area *area, int fd) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  check(area->work->map(area), "mapping the area");
  check(write(fd, &area->base, sizeof(area->base)) == sizeof(area->base),
        "write");
  for (;;)
    pause();
}

struct faults measure_writes_into_child(struct area *area) {
  int fds[2];
  check(pipe(fds) == 0, "pipe");
  area->child = fork();
  check(area->child >= 0, "fork");
  if (area->child == 0)
    lend_area(area, fds[1]);
  check(read(fds[0], &area->base, sizeof(area->base)) == sizeof(area->base),
        "read");
  close(fds[0]);
  close(fds[1]);
  settle();
  struct faults count = count_accesses(area, RUSAGE_SELF);
  kill(area->child, SIGKILL);
  waitpid(area->child, NULL, 0);
  return count;
}
