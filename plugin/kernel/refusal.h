/* SPDX-License-Identifier: MIT */
/* Why the kernel said no, and what helps: one sentence for the log. */
#ifndef BPFMEM_KERNEL_REFUSAL_H
#define BPFMEM_KERNEL_REFUSAL_H

#include "core/settings.h"

#include <stddef.h>

struct features;
struct log;

/* `err` is a negative errno of a BPF or perf call, or of features_read(). Looks
 * at this process's capabilities, lockdown and limits. Writes a sentence:
 * cause; remedy. What libbpf said last is added where it may tell more. */
void refusal_explain(const struct features *kernel, int err, char *text,
                     size_t size);

#define REFUSAL_SIZE 768

/* Hooks are tried in turn, and why one could not be used is told once, and not
 * if the whole probe is refused for the same reason. */
struct refusal {
  const char *probe;
  const char *hook; /* "hook event"; the refusal told next */
  char text[REFUSAL_SIZE];
};

/* Keeps why a hook was refused; logs what was kept if it was something else. */
void refusal_keep(struct refusal *refusal, const struct features *kernel,
                  const char *hook, int err, const struct log *log);
/* Logs what was kept, if anything: the next hook is used in its place. */
void refusal_tell(struct refusal *refusal, const struct log *log);

/* Logs that the probe does not start by these hooks, and why. */
void refusal_report(const struct features *kernel, const char *probe,
                    enum settings_hooks hooks, int err, const struct log *log);

#endif
