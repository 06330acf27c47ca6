// SPDX-License-Identifier: MIT
/* Something to see: a database that waits for the disk, a program that forgets
 * to close files, and short programs. What they need is bounded and given back
 * at the end. */

/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  PAGES = 8192,
  PAGES_PER_QUERY = 20,
  QUERY_PAUSE_MS = 5,
  SOCKETS = 18000,
  PROGRAM_PAUSE_MS = 300,
};

/* What the workers tell; shared. */
static struct figures {
  uint64_t waited_ns;
  unsigned sockets, programs;
} * figures;

static char path[4096];
static int table;
static uint64_t duration_ns;
static size_t page_size;

static void check(bool ok, const char *what) {
  if (ok)
    return;
  fprintf(stderr, "demo: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void pause_ms(long ms) {
  nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static long majors(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_majflt;
}

/* What is still to be written cannot be dropped from memory. */
static void create_table(void) {
  char *page = calloc(1, page_size);

  table = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  check(table >= 0, path);
  check(page != NULL, "calloc");
  for (int i = 0; i < PAGES; i++)
    check(write(table, page, page_size) == (ssize_t)page_size, path);
  free(page);
  check(fsync(table) == 0, path);
}

static void read_page(const volatile char *page) {
  long before = majors();
  uint64_t start = now_ns();

  (void)*page;
  if (majors() > before)
    figures->waited_ns += now_ns() - start;
}

/* Each page is read anew: from memory while it is warm, then from the disk, as
 * what was read is dropped after each query. */
static void work_database(void) {
  size_t size = PAGES * page_size;
  char *base = mmap(NULL, size, PROT_READ, MAP_SHARED, table, 0);
  uint64_t start = now_ns();

  check(base != MAP_FAILED, "mmap");
  check(madvise(base, size, MADV_RANDOM) == 0, "madvise");
  for (;;) {
    for (int i = 0; i < PAGES_PER_QUERY; i++)
      read_page(base + (size_t)random() % PAGES * page_size);
    madvise(base, size, MADV_DONTNEED);
    if (now_ns() - start >= duration_ns / 4)
      posix_fadvise(table, 0, 0, POSIX_FADV_DONTNEED);
    pause_ms(QUERY_PAUSE_MS);
  }
}

/* Steadily; keeps them. */
static void work_sockets(void) {
  uint64_t start = now_ns();

  for (;;) {
    uint64_t wanted = (now_ns() - start) * SOCKETS / duration_ns;

    if (wanted > SOCKETS)
      wanted = SOCKETS;
    for (; figures->sockets < wanted; figures->sockets++)
      check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0, "socket");
    pause_ms(10);
  }
}

static void work_programs(void) {
  static char *const argv[] = {"sh", "-c", "ls -l /usr/bin | sort >/dev/null",
                               NULL};

  for (;;) {
    pid_t pid;

    if (posix_spawnp(&pid, "sh", NULL, NULL, argv, environ) == 0) {
      waitpid(pid, NULL, 0);
      figures->programs++;
    }
    pause_ms(PROGRAM_PAUSE_MS);
  }
}

/* Never outlives its parent. */
static pid_t start(void (*work)(void)) {
  pid_t parent = getpid(), pid = fork();

  check(pid >= 0, "fork");
  if (pid > 0)
    return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (getppid() == parent)
    work();
  _exit(0);
}

static struct rusage end(pid_t pid) {
  struct rusage usage = {0};

  kill(pid, SIGKILL);
  wait4(pid, NULL, 0, &usage);
  return usage;
}

int main(int argc, char **argv) {
  sigset_t signals;
  int signal;

  if (argc != 3) {
    fprintf(stderr,
            "usage: demo DIR SECONDS\n"
            "Reads DIR/orders.db at random, for a quarter of the time from\n"
            "memory, then from the disk; opens sockets; runs short programs.\n"
            "SIGUSR1: stops, prints what it did, and keeps what it has.\n"
            "SIGTERM: gives it back, and ends.\n");
    return 2;
  }
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR1);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  page_size = (size_t)sysconf(_SC_PAGESIZE);
  figures = mmap(NULL, sizeof(*figures), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  check(figures != MAP_FAILED, "mmap");
  snprintf(path, sizeof(path), "%s/orders.db", argv[1]);
  create_table();
  duration_ns = strtoul(argv[2], NULL, 10) * 1000000000;

  pid_t database = start(work_database), sockets = start(work_sockets),
        programs = start(work_programs);
  printf("table %s\n", path);
  fflush(stdout);
  sigwait(&signals, &signal);
  kill(sockets, SIGSTOP);
  end(programs);
  long waits = end(database).ru_majflt;
  if (signal == SIGUSR1) {
    printf("waits %ld\nwaited_ms %lu\nsockets %u\nprograms %u\n", waits,
           (unsigned long)(figures->waited_ns / 1000000), figures->sockets,
           figures->programs);
    fflush(stdout);
    sigdelset(&signals, SIGUSR1);
    sigwait(&signals, &signal);
  }
  end(sockets);
  unlink(path);
  return 0;
}
