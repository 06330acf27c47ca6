/* SPDX-License-Identifier: MIT */
/* Where probes say things: the caller's log. One sentence per call, no newline.
 */
#ifndef BPFMEM_KERNEL_LOG_H
#define BPFMEM_KERNEL_LOG_H

enum log_level {
  LOG_LEVEL_ERROR,
  LOG_LEVEL_WARNING,
  LOG_LEVEL_INFO,
  LOG_LEVEL_DEBUG
};

struct log {
  void (*write)(void *arg, enum log_level level, const char *text);
  void *arg;
};

void log_printf(const struct log *log, enum log_level level, const char *format,
                ...) __attribute__((format(printf, 3, 4)));

/* Sends libbpf's messages to the log, all as LOG_LEVEL_DEBUG: what matters of
 * them is in the errors that probes report. `log` must stay valid; NULL
 * silences libbpf. Process-wide, as libbpf's own setting is. */
void log_libbpf(const struct log *log);

/* What libbpf warned of first, and often the cause of all else; "" if nothing.
 * Valid until the next is asked to be kept. */
const char *log_libbpf_warning(void);
/* Forgets it: from here on the next one is the first. */
void log_libbpf_begin(void);

#endif
