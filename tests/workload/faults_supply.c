// SPDX-License-Identifier: MIT
/* Pages that come from elsewhere: from swap, and from another thread through
 * userfaultfd(2). */

#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21 /* 5.4 */
#endif
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1 /* 5.11 */
#endif

#define CGROUP_ROOT "/sys/fs/cgroup"
#define CGROUP CGROUP_ROOT "/faults"

enum { SWAP_TRIES = 100, STACK_SIZE = 65536 };

/* Swap. */

static void put(const char *path, const char *text) {
  int fd = open_file(path, O_WRONLY);
  if (write(fd, text, strlen(text)) < 0)
    fail("%s: cannot write %s: %s", path, text, strerror(errno));
  close(fd);
}

/* A group of our own, whose memory can be reclaimed at will. */
static void enter_cgroup(void) {
  char pid[16];
  snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
  put(CGROUP_ROOT "/cgroup.subtree_control", "+memory\n");
  check(mkdir(CGROUP, 0700) == 0 || errno == EEXIST, CGROUP);
  put(CGROUP "/cgroup.procs", pid);
}

/* How many are in memory or in the swap cache; with touch, write to them. */
static size_t pages_in_memory(const struct area *area, bool touch) {
  static unsigned char map[4096];
  size_t found = 0;
  check(mincore(area->base, area_size(area), map) == 0, "mincore");
  for (size_t i = 0; i < area->pages; i++) {
    if (!(map[i] & 1))
      continue;
    found++;
    if (touch)
      write_page(area, i);
  }
  return found;
}

/* A page that was made on another processor waits in its list for more to come,
 * out of reach, until madvise() is called there. */
static void run_on(int cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  check(sched_setaffinity(0, sizeof(one), &one) == 0, "sched_setaffinity");
}

/* What was written to swap stays in the swap cache until memory is short, and
 * would only be a minor fault: so memory is made short. A page may stay there
 * all the same (5.10: one in some dozen runs), until it is mapped and dirty
 * again. */
static void swap_out(const struct area *area) {
  size_t size = area_size(area), left = 1;
  cpu_set_t all;
  check(sched_getaffinity(0, sizeof(all), &all) == 0, "sched_getaffinity");
  for (int i = 0; i < SWAP_TRIES && left > 0; i++) {
    run_on(i % get_nprocs());
    check(madvise(area->base, size, MADV_PAGEOUT) == 0, "MADV_PAGEOUT");
    put(CGROUP "/memory.high", "0\n");
    put(CGROUP "/memory.high", "max\n");
    usleep(10000);
    left = pages_in_memory(area, i % 10 == 9);
  }
  if (left > 0)
    fail("%zu of %zu pages do not go to swap", left, area->pages);
  check(sched_setaffinity(0, sizeof(all), &all) == 0, "sched_setaffinity");
}

bool map_swapped(struct area *area) {
  enter_cgroup();
  if (!map_anon(area))
    return false;
  write_pages(area);
  swap_out(area);
  return true;
}

/* userfaultfd. */

static char content[65536];
static int faults_fd, stop_fd;
static pthread_t server;

static void supply(uint64_t address) {
  struct uffdio_copy copy = {.dst = address & ~(uint64_t)(page_size - 1),
                             .src = (uintptr_t)content,
                             .len = page_size};
  if (ioctl(faults_fd, UFFDIO_COPY, &copy) < 0 && errno != EEXIST)
    fail("UFFDIO_COPY: %s", strerror(errno));
}

static void *serve(void *arg) {
  struct pollfd fds[] = {{faults_fd, POLLIN, 0}, {stop_fd, POLLIN, 0}};
  struct uffd_msg message;
  while (poll(fds, 2, -1) > 0 && !fds[1].revents)
    if (read(faults_fd, &message, sizeof(message)) == sizeof(message))
      supply(message.arg.pagefault.address);
  return arg;
}

static void open_userfault(void) {
  struct uffdio_api api = {.api = UFFD_API};
  faults_fd = (int)syscall(SYS_userfaultfd,
                           O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
  if (faults_fd < 0 && errno == EINVAL)
    faults_fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
  check(faults_fd >= 0, "userfaultfd");
  check(ioctl(faults_fd, UFFDIO_API, &api) == 0, "UFFDIO_API");
  stop_fd = eventfd(0, EFD_CLOEXEC);
  check(stop_fd >= 0, "eventfd");
}

static void start_server(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_SIZE);
  int err = pthread_create(&server, &attributes, serve, NULL);
  if (err != 0)
    fail("pthread_create: %s", strerror(err));
  pthread_attr_destroy(&attributes);
}

/* The server's memory is settled before the area exists, which must not be. */
bool map_userfault(struct area *area) {
  open_userfault();
  start_server();
  settle();
  if (!map_anon(area))
    return false;
  struct uffdio_register range = {
      .range = {.start = (uintptr_t)area->base, .len = area_size(area)},
      .mode = UFFDIO_REGISTER_MODE_MISSING};
  return ioctl(faults_fd, UFFDIO_REGISTER, &range) == 0;
}

void unmap_userfault(struct area *area) {
  check(eventfd_write(stop_fd, 1) == 0, "eventfd");
  pthread_join(server, NULL);
  close(stop_fd);
  close(faults_fd);
  unmap_area(area);
}
