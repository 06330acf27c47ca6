// SPDX-License-Identifier: MIT
/* Kprobes and function tracing that are switched off. */
#include "kernel/switches.h"

#include <fcntl.h>
#include <unistd.h>

static bool is_zero(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  char value = '1';

  if (fd < 0)
    return false;
  (void)!read(fd, &value, 1);
  close(fd);
  return value == '0';
}

/* Kprobes at a function's entry are built on ftrace, where it is there. 5.10
 * does not let it be switched off while trampolines use it, 6.12 does. */
bool switches_are_off(enum settings_hooks kind) {
  switch (kind) {
  case SETTINGS_HOOKS_KPROBE:
    return is_zero(SWITCHES_KPROBES) || is_zero(SWITCHES_FTRACE);
  case SETTINGS_HOOKS_FEXIT:
    return is_zero(SWITCHES_FTRACE);
  default:
    return false;
  }
}
