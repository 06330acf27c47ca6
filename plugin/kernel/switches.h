/* SPDX-License-Identifier: MIT */
/* What can be switched off at any time: programs stay attached then and are not
 * called. */
#ifndef BPFMEM_KERNEL_SWITCHES_H
#define BPFMEM_KERNEL_SWITCHES_H

#include "core/settings.h"

#include <stdbool.h>

/* Where to write 1. */
#define SWITCHES_KPROBES "/sys/kernel/debug/kprobes/enabled"
#define SWITCHES_FTRACE "/proc/sys/kernel/ftrace_enabled"

/* Whether the kernel says so of hooks of that kind; not where debugfs or /proc
 * cannot be read. */
bool switches_are_off(enum settings_hooks kind);

#endif
