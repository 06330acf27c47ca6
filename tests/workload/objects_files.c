// SPDX-License-Identifier: MIT
/* Kinds of objects that are files or are held by file descriptors. */

#define _GNU_SOURCE
#include "objects.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *objects_name(size_t index) {
  static char name[64];
  snprintf(name, sizeof(name), "object-%zu", index);
  return name;
}

bool objects_close(struct object *object, size_t index) {
  bool ok = true;
  (void)index;
  for (int i = 0; i < PER_OBJECT_FDS; i++)
    if (object->fds[i] >= 0)
      ok = close(object->fds[i]) == 0 && ok;
  return ok;
}

static bool create_file(struct object *object, size_t index) {
  (void)object;
  int fd = open(objects_name(index), O_CREAT | O_EXCL | O_WRONLY, 0600);
  return fd >= 0 && close(fd) == 0;
}

static bool unlink_file(struct object *object, size_t index) {
  (void)object;
  return unlink(objects_name(index)) == 0;
}

static bool create_dir(struct object *object, size_t index) {
  (void)object;
  return mkdir(objects_name(index), 0700) == 0;
}

static bool remove_dir(struct object *object, size_t index) {
  (void)object;
  return rmdir(objects_name(index)) == 0;
}

static bool look_up(struct object *object, size_t index) {
  struct stat stat_;
  (void)object;
  return stat(objects_name(index), &stat_) < 0 && errno == ENOENT;
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

/* Closed at once: allocations and frees and hardly anything else. */
static bool open_and_close(struct object *object, size_t index) {
  struct stat found;
  int fd = open("/proc/version", O_RDONLY | O_CLOEXEC);
  (void)object;
  (void)index;
  return fd >= 0 && stat(".", &found) == 0 && close(fd) == 0;
}

/* Has no name for long, so that none is left if we are killed. More than 256
 * need CAP_SYS_RESOURCE. */
static bool create_mqueue(struct object *object, size_t index) {
  struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 1};
  char name[64];
  (void)index;
  snprintf(name, sizeof(name), "bpfmem-%d", (int)getpid());
  object->fds[0] =
      (int)syscall(SYS_mq_open, name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
  return object->fds[0] >= 0 && syscall(SYS_mq_unlink, name) == 0;
}

/* Freed by close() itself, in the caller's context, and hardly anyone else has
 * one. */
static bool create_context(struct object *object, size_t index) {
  (void)index;
  object->fds[0] = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
  return object->fds[0] >= 0;
}

const struct kind objects_of_files[] = {
    {"files", "an inode and a dentry each", create_file, unlink_file},
    {"dirs", "an inode and a dentry each", create_dir, remove_dir},
    {"dentries", "a negative dentry each", look_up, leave_it},
    {"epoll", "an eventpoll_epi and a filp each", create_epoll, objects_close},
    {"pipes", "two filp and a pipe inode each", create_pipe, objects_close},
    {"sockets", "a UNIX and a sock_inode_cache each", create_socket,
     objects_close},
    {"eventfds", "a filp each", create_eventfd, objects_close},
    {"opens", "a filp each, freed at once", open_and_close, leave_it},
    {"contexts", "a userfaultfd_ctx_cache each", create_context, objects_close},
    {"mqueues", "a mqueue_inode_cache each", create_mqueue, objects_close},
    {0}};
