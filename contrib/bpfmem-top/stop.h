/* SPDX-License-Identifier: MIT */
/* Waits and writes that Ctrl-C ends at once. Signals are held back except while
 * waiting. So no signal is missed in between, and none interrupts loading or
 * reading. */
#ifndef BPFMEM_TOP_STOP_H
#define BPFMEM_TOP_STOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From here on SIGINT, SIGTERM, SIGHUP and SIGQUIT ask to stop, unless the
 * parent ignored them (nohup). A vanished reader is an error instead of a
 * signal. */
void stop_init(void);

/* CLOCK_MONOTONIC. */
uint64_t stop_now_ns(void);

/* Waits for the deadline. True: a signal asks to stop. */
bool stop_wait(uint64_t deadline_ns);

enum stop_wake { STOP_DEADLINE, STOP_INPUT, STOP_ASKED };

/* Waits for the deadline, for a key on the terminal `fd`, or for a new size of
 * it. A terminal that is gone asks to stop. */
enum stop_wake stop_wait_input(int fd, uint64_t deadline_ns);

/* Writes all, or fails: -ECANCELED when a signal asks to stop, or -errno. */
int stop_write(int fd, const char *text, size_t size);

#endif
