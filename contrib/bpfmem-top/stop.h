/* SPDX-License-Identifier: MIT */
/* Waiting and writing that Ctrl-C ends at once. Signals are held back except
 * while waiting, so that one that comes in between is not missed, and neither
 * loading nor reading is interrupted. */
#ifndef BPFMEM_TOP_STOP_H
#define BPFMEM_TOP_STOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From here on SIGINT, SIGTERM, SIGHUP and SIGQUIT stop, unless the parent had
 * them ignored (nohup), and a vanished reader is an error instead of a signal.
 */
void stop_init(void);

/* CLOCK_MONOTONIC. */
uint64_t stop_now_ns(void);

/* Waits for the deadline. True: a signal asks to stop. */
bool stop_wait(uint64_t deadline_ns);

enum stop_wake { STOP_DEADLINE, STOP_INPUT, STOP_ASKED };

/* Waits for the deadline, or for a key on the terminal `fd` or a new size. A
 * terminal that is gone asks to stop. */
enum stop_wake stop_wait_input(int fd, uint64_t deadline_ns);

/* Writes all, or fails: -ECANCELED when a signal asks to stop, or -errno. */
int stop_write(int fd, const char *text, size_t size);

#endif
