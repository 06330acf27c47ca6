// SPDX-License-Identifier: MIT
/* Waits for a deadline, for room in a pipe, or for a signal. */
#include "stop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000

static volatile sig_atomic_t stopped;
static sigset_t mask_waiting; /* signals that may come only while waiting */

static void on_signal(int signal) {
  (void)signal;
  stopped = 1;
}

static void handle(int signal) {
  struct sigaction action;

  if (!sigaction(signal, NULL, &action) && action.sa_handler == SIG_IGN)
    return;
  action = (struct sigaction){.sa_handler = on_signal};
  sigaction(signal, &action, NULL);
}

void stop_init(void) {
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  const size_t count = sizeof(signals) / sizeof(signals[0]);
  sigset_t held;

  sigemptyset(&held);
  for (size_t i = 0; i < count; i++) {
    handle(signals[i]);
    sigaddset(&held, signals[i]);
  }
  sigprocmask(SIG_BLOCK, &held, &mask_waiting);
  for (size_t i = 0; i < count; i++)
    sigdelset(&mask_waiting, signals[i]);
  sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
}

uint64_t stop_now_ns(void) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static struct timespec time_left(uint64_t deadline_ns) {
  uint64_t now = stop_now_ns();
  uint64_t left = now < deadline_ns ? deadline_ns - now : 0;

  return (struct timespec){.tv_sec = (time_t)(left / NS_PER_S),
                           .tv_nsec = (long)(left % NS_PER_S)};
}

bool stop_wait(uint64_t deadline_ns) {
  for (;;) {
    struct timespec timeout = time_left(deadline_ns);

    ppoll(NULL, 0, &timeout, &mask_waiting);
    if (stopped || stop_now_ns() >= deadline_ns)
      return stopped;
  }
}

/* A signal that does not ask to stop ends the wait, too: it was SIGWINCH or
 * SIGCONT. */
enum stop_wake stop_wait_input(int fd, uint64_t deadline_ns) {
  struct pollfd pollfd = {.fd = fd, .events = POLLIN};
  struct timespec timeout = time_left(deadline_ns);
  int ready = ppoll(&pollfd, 1, &timeout, &mask_waiting);

  if (stopped || (ready > 0 && pollfd.revents & (POLLERR | POLLHUP | POLLNVAL)))
    return STOP_ASKED;
  return ready ? STOP_INPUT : STOP_DEADLINE;
}

static int wait_writable(int fd) {
  struct pollfd pollfd = {.fd = fd, .events = POLLOUT};

  if (ppoll(&pollfd, 1, /* timeout = */ NULL, &mask_waiting) < 0)
    return stopped ? -ECANCELED : -errno;
  return 0;
}

/* A pipe that is writable takes PIPE_BUF bytes without blocking. */
int stop_write(int fd, const char *text, size_t size) {
  while (size) {
    int err = wait_writable(fd);
    ssize_t written;

    if (err == -EINTR)
      continue;
    if (err)
      return err;
    written = write(fd, text, size < PIPE_BUF ? size : PIPE_BUF);
    if (written < 0 && errno != EAGAIN)
      return -errno;
    if (written > 0) {
      text += written;
      size -= (size_t)written;
    }
  }
  return 0;
}
