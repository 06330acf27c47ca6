// SPDX-License-Identifier: MIT
/* The C library's calls that reach the kernel, in front of it: programs come
 * before libraries when names are looked up, for libbpf's calls as well. */
#include "inject.h"
#include "objects.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* They take as many arguments as there may be, whether they were given or not.
 */
#define TAKES_MORE __attribute__((no_sanitize("address")))

/* The next one of that name, which may be the sanitizer's. */
#define NEXT(name)                                                             \
  static __typeof__(&name) next;                                               \
  if (!next)                                                                   \
  next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define FAIL_AS(kind, failed)                                                  \
  do {                                                                         \
    int error_ = inject_error(kind);                                           \
    if (error_) {                                                              \
      errno = error_;                                                          \
      return failed;                                                           \
    }                                                                          \
  } while (0)

/* The plugin's own have names, and the names of their object's sections. */
static bool is_own_name(const char *name) {
  return strpbrk(name, ".") || !strncmp(name, "pf_", 3) ||
         !strncmp(name, "slab_", 5) || !strncmp(name, "bpfmem_", 7);
}

/* libbpf makes small objects to see what the kernel takes. */
static bool is_trial(long command, const union bpf_attr *attr) {
  switch (command) {
  case BPF_MAP_CREATE:
    return !is_own_name(attr->map_name);
  case BPF_PROG_LOAD:
    return !is_own_name(attr->prog_name);
  case BPF_BTF_LOAD:
    return attr->btf_size < 512;
  default:
    return false;
  }
}

static unsigned kind_of_bpf(long command, const union bpf_attr *attr) {
  if (is_trial(command, attr))
    return INJECT_BPF_TRIAL;
  return command < INJECT_BPF_MAX ? (unsigned)command : INJECT_BPF_MAX - 1;
}

/* INJECT_KINDS: never fails. */
static unsigned kind_of(long number, const long argument[6]) {
  switch (number) {
  case SYS_bpf:
    return kind_of_bpf(argument[0], (const union bpf_attr *)argument[1]);
  case SYS_perf_event_open:
    return INJECT_PERF_EVENT_OPEN;
  case SYS_capget:
    return INJECT_CAPGET;
  default:
    return INJECT_KINDS;
  }
}

TAKES_MORE long syscall(long number, ...) {
  NEXT(syscall);
  long argument[6], result;
  unsigned kind;
  va_list args;

  va_start(args, number);
  for (int i = 0; i < 6; i++)
    argument[i] = va_arg(args, long);
  va_end(args);
  kind = kind_of(number, argument);
  if (kind < INJECT_KINDS)
    FAIL_AS(kind, -1);
  result = next(number, argument[0], argument[1], argument[2], argument[3],
                argument[4], argument[5]);
  if (number == SYS_bpf && result >= 0)
    objects_note((int)argument[0], (int)result);
  return result;
}

TAKES_MORE int ioctl(int fd, unsigned long request, ...) {
  NEXT(ioctl);
  va_list args;
  void *argument;

  va_start(args, request);
  argument = va_arg(args, void *);
  va_end(args);
  FAIL_AS(INJECT_IOCTL, -1);
  return next(fd, request, argument);
}

void *mmap(void *at, size_t size, int protection, int flags, int fd,
           off_t offset) {
  NEXT(mmap);
  FAIL_AS(INJECT_MMAP, MAP_FAILED);
  return next(at, size, protection, flags, fd, offset);
}

void *mmap64(void *at, size_t size, int protection, int flags, int fd,
             off64_t offset) {
  return mmap(at, size, protection, flags, fd, offset);
}

TAKES_MORE int open(const char *path, int flags, ...) {
  NEXT(open);
  va_list args;
  mode_t mode;

  va_start(args, flags);
  mode = va_arg(args, mode_t);
  va_end(args);
  FAIL_AS(INJECT_OPEN, -1);
  return next(path, flags, mode);
}

TAKES_MORE int open64(const char *path, int flags, ...) {
  va_list args;
  mode_t mode;

  va_start(args, flags);
  mode = va_arg(args, mode_t);
  va_end(args);
  return open(path, flags, mode);
}

FILE *fopen(const char *path, const char *mode) {
  NEXT(fopen);
  FAIL_AS(INJECT_FOPEN, NULL);
  return next(path, mode);
}

FILE *fopen64(const char *path, const char *mode) {
  return fopen(path, mode);
}

ssize_t read(int fd, void *buffer, size_t size) {
  NEXT(read);
  FAIL_AS(INJECT_READ_CALL, -1);
  return next(fd, buffer, size);
}

size_t fread(void *buffer, size_t size, size_t count, FILE *file) {
  NEXT(fread);
  FAIL_AS(INJECT_FREAD, 0);
  return next(buffer, size, count, file);
}

ssize_t write(int fd, const void *buffer, size_t size) {
  NEXT(write);
  FAIL_AS(INJECT_WRITE, -1);
  return next(fd, buffer, size);
}

int access(const char *path, int mode) {
  NEXT(access);
  FAIL_AS(INJECT_ACCESS, -1);
  return next(path, mode);
}

int faccessat(int dir, const char *path, int mode, int flags) {
  NEXT(faccessat);
  FAIL_AS(INJECT_ACCESS, -1);
  return next(dir, path, mode, flags);
}

TAKES_MORE int fcntl64(int fd, int command, ...) {
  NEXT(fcntl64);
  va_list args;
  void *argument;

  va_start(args, command);
  argument = va_arg(args, void *);
  va_end(args);
  FAIL_AS(INJECT_FCNTL, -1);
  return next(fd, command, argument);
}

int epoll_create1(int flags) {
  NEXT(epoll_create1);
  FAIL_AS(INJECT_EPOLL, -1);
  return next(flags);
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event) {
  NEXT(epoll_ctl);
  FAIL_AS(INJECT_EPOLL, -1);
  return next(epoll, operation, fd, event);
}
