// SPDX-License-Identifier: MIT
/* Accesses that fail with a signal: beyond the end of the file, and where the
 * mapping does not allow them. The kernel does not count such a fault. */

#define _GNU_SOURCE
#include "faults.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TURNS = 211 };

static __thread sigjmp_buf escape;

static void jump_out(int number) {
  (void)number;
  siglongjmp(escape, 1);
}

static void allow_writing(int number, siginfo_t *info, void *context) {
  uintptr_t address = (uintptr_t)info->si_addr & ~(page_size - 1);
  (void)number;
  (void)context;
  if (mprotect((void *)address, page_size, PROT_READ | PROT_WRITE) < 0)
    _exit(1);
}

static void on_signal(int number, const struct sigaction *action) {
  check(sigaction(number, action, NULL) == 0, "sigaction");
}

static bool survives(void (*touch)(const struct area *, size_t),
                     const struct area *area, size_t index) {
  if (sigsetjmp(escape, 1) != 0)
    return false;
  touch(area, index);
  return true;
}

static size_t touch_all(void (*touch)(const struct area *, size_t),
                        const struct area *area) {
  size_t survived = 0;
  for (size_t i = 0; i < area->pages; i++)
    survived += survives(touch, area, i * area->step % area->pages);
  return survived;
}

static void shorten(const struct area *area, size_t pages) {
  check(truncate(area->path, (off_t)(pages * area->unit)) == 0, "truncate");
}

bool map_truncated(struct area *area) {
  if (!map_file(area))
    return false;
  shorten(area, area->pages / 2);
  return true;
}

void write_half(const struct area *area) {
  on_signal(SIGBUS, &(struct sigaction){.sa_handler = jump_out});
  if (touch_all(write_page, area) != area->pages / 2)
    fail("SIGBUS came for other pages than those behind the end");
}

/* The handler repairs it, and the access is tried once more. */
void write_protected(const struct area *area) {
  on_signal(SIGSEGV, &(struct sigaction){.sa_sigaction = allow_writing,
                                         .sa_flags = SA_SIGINFO});
  write_permuted(area);
}

void write_truncated(const struct area *area) {
  on_signal(SIGBUS, &(struct sigaction){.sa_handler = jump_out});
  do
    touch_all(write_page, area);
  while (disturbing);
}

void truncate_repeatedly(const struct area *area) {
  for (int i = 0; i < TURNS; i++) {
    shorten(area, area->pages / 2);
    shorten(area, area->pages);
  }
}
