/* SPDX-License-Identifier: MIT */
/* The caller's log, to which probes write. One sentence per call, no newline.
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

/* Sends all of libbpf's messages to the log as LOG_LEVEL_DEBUG: the errors that
 * probes report say what matters. `log` must stay valid; NULL silences libbpf.
 * This holds for the whole process, as libbpf's own setting does. */
void log_libbpf(const struct log *log);

/* libbpf's first warning since log_libbpf_begin(), which is often the cause of
 * all that follow; "" if there was none. Valid until the next
 * log_libbpf_begin(). */
const char *log_libbpf_warning(void);
/* Forgets that warning: the next one is the first. */
void log_libbpf_begin(void);

#endif
